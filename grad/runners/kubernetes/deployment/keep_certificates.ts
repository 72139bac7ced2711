import { CoreV1Api, type KubeConfig, type V1ConfigMap, type V1Secret } from "@kubernetes/client-node";
import type { Clock } from "../../../../shared/clock.ts";
import type { Logger } from "../../../../shared/log.ts";
import { Authority, type KeyPair } from "../certificates.ts";
import { CONFLICT, NOT_FOUND, unless } from "../errors.ts";
import {
  endOf,
  nextAuthority,
  nextServerCertificate,
  type ServerAuthority,
  trusted,
} from "./server_certificate.ts";

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
const DAY_MS = 24 * 3600 * 1000;
/** The runners' authority is replaced by hand, for runners have to be started again (docs/deployment.md). */
const WARN_DAYS = 365;

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
  const { clock, log, names } = options;
  const now = clock.now();
  const authority = await keepSecret(options, SERVER_AUTHORITY, {
    read: readAuthority,
    next: (stored) => nextAuthority(stored, now),
    write: writeAuthority,
  });
  const bundle = trusted(authority, now);
  await keepSecret(options, SERVER, {
    read: (data) => data["ca.crt"] === bundle ? readPair(data) : undefined,
    next: (stored) => nextServerCertificate(stored, authority, { names, nowMs: now }),
    write: (pair) => ({ ...writePair(pair), "ca.crt": bundle }),
  });
  const runners = await keepSecret(options, RUNNER_AUTHORITY, {
    read: readPair,
    next: (stored) => stored === undefined ? Authority.create(now) : Promise.resolve(stored),
    write: writePair,
  });
  const days = Math.floor((endOf(runners.certificate) - now) / DAY_MS);
  if (days < WARN_DAYS) log.warn("certificates.runner_authority_ends", { days });
  await publish(options, bundle);
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

function readAuthority(data: Data): ServerAuthority | undefined {
  const current = readPair(data);
  const { "next.crt": certificate, "next.key": key, "previous.crt": previous } = data;
  const next = certificate === undefined || key === undefined ? undefined : { certificate, key };
  return current && { current, next, previous };
}

function writeAuthority({ current, next, previous }: ServerAuthority): Data {
  return {
    ...writePair(current),
    ...(next === undefined ? {} : { "next.crt": next.certificate, "next.key": next.key }),
    ...(previous === undefined ? {} : { "previous.crt": previous }),
  };
}
