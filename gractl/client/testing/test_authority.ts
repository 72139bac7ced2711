// @peculiar/x509 registers its classes by it.
import "reflect-metadata";
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const HOUR_MS = 3_600_000;

/** PEM of a certificate and of its key. */
export type TestPair = Readonly<{ certificate: string; key: string }>;

/** A certificate authority of a test, and the certificates that it signs. */
export type TestAuthority = Readonly<{
  /** PEM. */
  certificate: string;
  /** For a server with these DNS names and IP addresses, until `notAfter` (default: one hour from now). */
  server(names: readonly string[], notAfter?: Date): Promise<TestPair>;
}>;

export async function testAuthority(): Promise<TestAuthority> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const now = new Date().getTime();
  const notBefore = new Date(now - 24 * HOUR_MS);
  const issuer: X509Certificate = await X509CertificateGenerator.createSelfSigned({
    name: "CN=a test",
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore,
    notAfter: new Date(now + 24 * HOUR_MS),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
    ],
  });
  return {
    certificate: issuer.toString("pem"),
    async server(names, notAfter = new Date(now + HOUR_MS)) {
      const own = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
      const made = await X509CertificateGenerator.create({
        subject: "CN=grad",
        issuer: issuer.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        notBefore,
        notAfter,
        extensions: [
          new SubjectAlternativeNameExtension(
            names.map((value) => ({
              type: /^[\d.]+$|:/.test(value) ? "ip" as const : "dns" as const,
              value,
            })),
          ),
        ],
      });
      const key = PemConverter.encode(await crypto.subtle.exportKey("pkcs8", own.privateKey), "PRIVATE KEY");
      return { certificate: made.toString("pem"), key };
    },
  };
}
