import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Clock } from "../../shared/clock.ts";
import { GradError, messageOf } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";

/** PEM of a certificate (with those between it and its authority), and of its key. */
export type KeyPair = Readonly<{ certificate: string; key: string }>;

export type CertificateFilesOptions = Readonly<{
  /** Paths. */
  files: KeyPair;
  readFile: (path: string) => Promise<string>;
  clock: Clock;
  log: Logger;
}>;

/** How often the files are read. The kubelet itself takes a minute to write a Secret that has changed. */
export const READ_AGAIN_MS = 10_000;
/** A certificate that ends so soon has not been renewed in time. */
const SOON_MS = 7 * 24 * 3600 * 1000;

/** A certificate and its key in files that are replaced when they are renewed. */
export class CertificateFiles {
  readonly #options: CertificateFilesOptions;
  readonly #watchers = new Set<(pair: KeyPair) => void>();
  #current: KeyPair | undefined;
  #warnedOf: string | undefined;

  constructor(options: CertificateFilesOptions) {
    this.#options = options;
  }

  /** What has been loaded last. @throws {Error} before the first {@link load} */
  get current(): KeyPair {
    if (this.#current === undefined) throw new Error("the certificate has not been loaded");
    return this.#current;
  }

  /** Calls `changed` with the pair now, and then with each new one, until the result is disposed. */
  watch(changed: (pair: KeyPair) => void): Disposable {
    this.#watchers.add(changed);
    if (this.#current !== undefined) changed(this.#current);
    return { [Symbol.dispose]: () => void this.#watchers.delete(changed) };
  }

  /** Reads the files. @throws {GradError} `invalid_file` where they are no certificate and its key; what was loaded before stays */
  async load(): Promise<void> {
    const { files, readFile, clock, log } = this.#options;
    const pair = {
      certificate: await read(files.certificate, readFile),
      key: await read(files.key, readFile),
    };
    const endsAtMs = check(pair, files);
    if (endsAtMs - clock.now() < SOON_MS && this.#warnedOf !== pair.certificate) {
      this.#warnedOf = pair.certificate;
      log.warn("certificate.ends_soon", { file: files.certificate, ends: new Date(endsAtMs).toISOString() });
    }
    const { certificate, key } = this.#current ?? {};
    if (certificate === pair.certificate && key === pair.key) return;
    this.#current = pair;
    log.info("certificate.loaded", { file: files.certificate, ends: new Date(endsAtMs).toISOString() });
    for (const changed of this.#watchers) changed(pair);
  }

  /** Loads the files again and again until `signal` aborts. What cannot be used is logged, and the pair before it stays. */
  async follow(signal: AbortSignal): Promise<void> {
    const { clock, log, files } = this.#options;
    let failure = "";
    while (!signal.aborted) {
      await clock.sleep(READ_AGAIN_MS, signal).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.load();
        failure = "";
      } catch (thrown) {
        // Two files cannot be replaced at once: the next time they belong together. Once for each fault.
        if (messageOf(thrown) !== failure) {
          log.error("certificate.unusable", thrown, { file: files.certificate });
        }
        failure = messageOf(thrown);
      }
    }
  }
}

async function read(path: string, readFile: (path: string) => Promise<string>): Promise<string> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new GradError("invalid_file", `Cannot read ${path}: ${messageOf(cause)}`, {
      hint: "See whether the Secret exists, and whether grad's user may read the file.",
      cause,
    });
  }
}

/** When the certificate ends, in milliseconds since the epoch. */
function check({ certificate, key }: KeyPair, files: KeyPair): number {
  const parsed = parse(files.certificate, () => new X509Certificate(certificate));
  const belongs = parse(files.key, () => parsed.checkPrivateKey(createPrivateKey(key)));
  if (belongs) return Date.parse(parsed.validTo);
  throw new GradError("invalid_file", `Cannot use ${files.key}: it is not the key of ${files.certificate}`, {
    hint: "Write both anew, the certificate's chain with its own certificate first.",
  });
}

/** The texts of crypto's errors say nothing to people, and may quote a key. */
function parse<T>(path: string, parsing: () => T): T {
  try {
    return parsing();
  } catch {
    throw new GradError("invalid_file", `Cannot use ${path}: it is not in PEM`, {
      hint: "Write a certificate that begins with BEGIN CERTIFICATE, and a key with BEGIN PRIVATE KEY.",
    });
  }
}
