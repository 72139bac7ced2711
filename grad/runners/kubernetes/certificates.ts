// @peculiar/x509 registers its classes by it.
import "reflect-metadata";
import { isIP } from "node:net";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** PEM of a certificate, and of its private key (PKCS #8). */
export type KeyPair = Readonly<{ certificate: string; key: string }>;

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** The name in grad's client certificate: runners' components serve only a client that has it. */
export const CLIENT_NAME = "grad.internal";
export const CLIENT_DAYS = 30;
/** Of a runner's certificate. */
export const RUNNER_DAYS = 365;
const DAY_MS = 24 * 3600 * 1000;
/** Clocks of nodes may differ by so much. */
const SKEW_MS = 3600 * 1000;

/** A certificate authority that signs the certificates of runners and of grad. All instances of grad have the same one. */
export class Authority {
  readonly #trusted: readonly X509Certificate[];
  readonly #key: CryptoKey;

  private constructor(trusted: readonly X509Certificate[], key: CryptoKey) {
    this.#trusted = trusted;
    this.#key = key;
  }

  /**
   * @param pair its certificate, which signs, may be followed by those of other authorities that are trusted too, so that one can
   * replace another
   * @throws {Error} where the texts are no certificate and no key of the curve P-256
   */
  static async load({ certificate, key }: KeyPair): Promise<Authority> {
    const [der] = PemConverter.decode(key);
    const imported = await crypto.subtle.importKey("pkcs8", der!, ALGORITHM, false, ["sign"]);
    return new Authority(PemConverter.decode(certificate).map((der) => new X509Certificate(der)), imported);
  }

  /** A new authority, for deployments that bring none. It lives for ten years. */
  static async create(nowMs: number, name = "grad runners"): Promise<KeyPair> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const keyId = await SubjectKeyIdentifierExtension.create(keys.publicKey);
    const made = await X509CertificateGenerator.createSelfSigned({
      // Where two authorities are trusted, OpenSSL takes the first whose name is the issuer's: each needs a name of its own.
      name: `CN=${name} ${keyId.keyId.slice(0, 8)}`,
      keys,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(nowMs - SKEW_MS),
      notAfter: new Date(nowMs + 3650 * DAY_MS),
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        keyId,
      ],
    });
    return { certificate: made.toString("pem"), key: await exported(keys.privateKey) };
  }

  /** PEM of all certificates that are trusted, the authority's own first. */
  get certificate(): string {
    return this.#trusted.map((each) => each.toString("pem")).join("\n");
  }

  get #issuer(): X509Certificate {
    return this.#trusted[0]!;
  }

  /** For a server that is called by these DNS names and IP addresses. */
  server(names: string | readonly string[], nowMs: number, days: number): Promise<KeyPair> {
    return this.#issue([names].flat(), ExtendedKeyUsage.serverAuth, nowMs, days);
  }

  /** For a client that servers know by this name. */
  client(name: string, nowMs: number, days: number): Promise<KeyPair> {
    return this.#issue([name], ExtendedKeyUsage.clientAuth, nowMs, days);
  }

  async #issue(
    names: readonly string[],
    usage: ExtendedKeyUsage,
    nowMs: number,
    days: number,
  ): Promise<KeyPair> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const made = await X509CertificateGenerator.create({
      subject: `CN=${names[0]}`,
      issuer: this.#issuer.subject,
      publicKey: keys.publicKey,
      signingKey: this.#key,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(nowMs - SKEW_MS),
      notAfter: new Date(nowMs + days * DAY_MS),
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([usage], true),
        await AuthorityKeyIdentifierExtension.create(this.#issuer.publicKey),
        new SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) === 0 ? "dns" as const : "ip" as const, value })),
        ),
      ],
    });
    return { certificate: made.toString("pem"), key: await exported(keys.privateKey) };
  }
}

async function exported(key: CryptoKey): Promise<string> {
  return PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}
