import { CoreV1Api, type KubeConfig, type V1ConfigMap, type V1Secret } from "@kubernetes/client-node";
import type { Clock } from "../../../../shared/clock.ts";
import type { Logger } from "../../../../shared/log.ts";
import type { KeyPair } from "../certificates.ts";
import { CONFLICT, NOT_FOUND, unless } from "../errors.ts";
import { type DeploymentAuthority, nextAuthority, nextServerCertificate, trusted } from "./authorities.ts";

/** Names of what is kept; k8s/base/certificates.yaml grants rights by them. */
export const SERVER = "grad-tls";
export const SERVER_AUTHORITY = "grad-server-ca";
export const RUNNER_AUTHORITY = "grad-runner-ca";
export const PUBLISHED = "grad-ca";

export type CertificateOptions = Readonly<{
  config: KubeConfig;
  /** Of grad. */
  namespace: string;
  /** DNS names and IP addresses by which clients call grad. */
  names: readonly string[];
  clock: Clock;
  log: Logger;
}>;

const CHECK_MS = 3600 * 1000;
const RETRY_MS = 5_000;

/** Keeps grad's certificates current until `signal` aborts: looks every hour, and again after 5 s where the API server refuses. */
export async function keepCertificates(options: CertificateOptions, signal: AbortSignal): Promise<void> {
  const { clock, log } = options;
  while (!signal.aborted) {
    let waitMs = CHECK_MS;
    try {
      await makeCertificates(options);
    } catch (thrown) {
      log.error("certificates.failed", thrown);
      waitMs = RETRY_MS;
    }
    await clock.sleep(waitMs, signal).catch(() => {});
  }
}

/**
 * Makes what is missing and renews what ends soon: the authority of grad's server certificate, that certificate, the authority of
 * runners' certificates, and the ConfigMap by which clients learn whom to trust. Nothing is written where nothing changes.
 * @throws {GradError} `grad_unavailable`, `internal` where the API server refuses
 */
export async function makeCertificates(options: CertificateOptions): Promise<void> {
  const { clock, names } = options;
  const now = clock.now();
  const authority = await keepAuthority(options, SERVER_AUTHORITY, "grad");
  const bundle = trusted(authority, now);
  await keepSecret(options, SERVER, {
    read: (data) => data["ca.crt"] === bundle ? readPair(data) : undefined,
    next: (stored) => nextServerCertificate(stored, authority, { names, nowMs: now }),
    write: (pair) => ({ ...writePair(pair), "ca.crt": bundle }),
  });
  await keepAuthority(options, RUNNER_AUTHORITY, "grad runners");
  await publish(options, bundle);
}

function keepAuthority(
  options: CertificateOptions,
  secret: string,
  name: string,
): Promise<DeploymentAuthority> {
  const now = options.clock.now();
  return keepSecret(options, secret, {
    read: readAuthority,
    next: (stored) => nextAuthority(stored, now, name),
    write: (authority) => writeAuthority(authority, now),
  });
}

type Data = Readonly<Record<string, string>>;

/** `next` answers with the same object where nothing is to be written. */
type Kept<T> = Readonly<{
  read(data: Data): T | undefined;
  next(stored: T | undefined): Promise<T>;
  write(value: T): Data;
}>;

async function keepSecret<T>(options: CertificateOptions, name: string, kept: Kept<T>): Promise<T> {
  const { config, namespace, log } = options;
  const api = config.makeApiClient(CoreV1Api);
  for (;;) {
    const secret: V1Secret | undefined = await unless(
      [NOT_FOUND],
      api.readNamespacedSecret({ name, namespace }),
    );
    const stored = secret && kept.read(decoded(secret.data ?? {}));
    const value = await kept.next(stored);
    if (secret !== undefined && value === stored) return value;
    const resourceVersion = secret?.metadata?.resourceVersion;
    const body: V1Secret = {
      metadata: { name, ...(resourceVersion === undefined ? {} : { resourceVersion }), labels: LABELS },
      type: "kubernetes.io/tls",
      stringData: { ...kept.write(value) },
    };
    const written = secret === undefined
      ? api.createNamespacedSecret({ namespace, body })
      : api.replaceNamespacedSecret({ name, namespace, body });
    // Another process was faster: look again at what it wrote.
    if (await unless([CONFLICT, NOT_FOUND], written) === undefined) continue;
    log.info("certificates.written", { secret: name });
    return value;
  }
}

async function publish(options: CertificateOptions, bundle: string): Promise<void> {
  const { config, namespace, log } = options;
  const api = config.makeApiClient(CoreV1Api);
  for (;;) {
    const found: V1ConfigMap | undefined = await unless(
      [NOT_FOUND],
      api.readNamespacedConfigMap({ name: PUBLISHED, namespace }),
    );
    if (found?.data?.["ca.crt"] === bundle) return;
    const resourceVersion = found?.metadata?.resourceVersion;
    const metadata = { name: PUBLISHED, labels: LABELS };
    const body: V1ConfigMap = {
      metadata: resourceVersion === undefined ? metadata : { ...metadata, resourceVersion },
      data: { "ca.crt": bundle },
    };
    const written = found === undefined
      ? api.createNamespacedConfigMap({ namespace, body })
      : api.replaceNamespacedConfigMap({ name: PUBLISHED, namespace, body });
    if (await unless([CONFLICT, NOT_FOUND], written) === undefined) continue;
    log.info("certificates.published", { configMap: PUBLISHED });
    return;
  }
}

const LABELS = { "app.kubernetes.io/part-of": "grad", "app.kubernetes.io/managed-by": "grad-certificates" };

function decoded(data: Data): Data {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, atob(value)]));
}

function readPair(data: Data): KeyPair | undefined {
  const { "tls.crt": certificate, "tls.key": key } = data;
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

const writePair = ({ certificate, key }: KeyPair): Data => ({ "tls.crt": certificate, "tls.key": key });

/** The first certificate of `tls.crt` signs; grad trusts those that follow, too (`Authority.load`). */
const FIRST = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;

function readAuthority(data: Data): DeploymentAuthority | undefined {
  const certificate = FIRST.exec(data["tls.crt"] ?? "")?.[0];
  const key = data["tls.key"];
  if (certificate === undefined || key === undefined) return undefined;
  const { "next.crt": nextCertificate, "next.key": nextKey, "previous.crt": previous } = data;
  const next = nextCertificate === undefined || nextKey === undefined
    ? undefined
    : { certificate: nextCertificate, key: nextKey };
  return { current: { certificate, key }, next, previous };
}

function writeAuthority(authority: DeploymentAuthority, nowMs: number): Data {
  const { current, next, previous } = authority;
  return {
    ...writePair({ certificate: trusted(authority, nowMs), key: current.key }),
    ...(next === undefined ? {} : { "next.crt": next.certificate, "next.key": next.key }),
    ...(previous === undefined ? {} : { "previous.crt": previous }),
  };
}
