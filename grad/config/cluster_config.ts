import type { z } from "zod";
import { type FileOwner, invalidFiles, orderFaults } from "../../shared/yaml/fault.ts";
import { schemaFaults } from "../../shared/yaml/schema_faults.ts";
import { readYaml } from "../../shared/yaml/yaml_file.ts";
import type { Environment } from "../runners/environments.ts";
import { clusterSchema } from "./cluster_schema.ts";

/** Where to listen. Port 0 takes a free one. */
export type HostPort = Readonly<{ hostname: string; port: number }>;

/** Paths of a certificate and of its key, in PEM. */
export type CertificatePaths = Readonly<{ certificate: string; key: string }>;

/** What runners are made from, and where their pods are scheduled. */
export type ClusterEnvironment =
  & Environment
  & Readonly<{
    image: string;
    requests: Readonly<{ cpuMillis: number; memoryMib: number }>;
    nodeSelector?: Readonly<Record<string, string>>;
    tolerations?: readonly Toleration[];
    /** The cluster's default where it is undefined. */
    runtimeClassName?: string;
  }>;

/** As a pod has it. */
export type Toleration = Readonly<
  { key?: string; operator?: string; value?: string; effect?: string; tolerationSeconds?: number }
>;

/** How grad serves runners of a cluster. Durations are milliseconds; `undefined` is never. */
export type ClusterConfig = Readonly<{
  listen: HostPort;
  health: HostPort;
  tls: CertificatePaths;
  namespace: string;
  /** The cluster's default where it is undefined. */
  storageClassName: string | undefined;
  authority: CertificatePaths;
  idle: Readonly<{
    pauseAfterMs: number | undefined;
    destroyPausedAfterMs: number | undefined;
    endSessionAfterMs: number | undefined;
  }>;
  /** `host:port` that data components may reach, the host with a leading `*.` for a domain; empty: every host. */
  s3Endpoints: readonly string[];
  /** Groups of Kubernetes whose members may do everything with every runner. */
  admins: readonly string[];
  /** By name, the default one first. */
  environments: ReadonlyMap<string, ClusterEnvironment>;
}>;

const FILE: FileOwner = {
  files: "of grad's configuration",
  hint: "Correct it; docs/configuration.md describes every key.",
};

/**
 * Parses a `GradConfiguration`.
 * @param file the path to show in faults
 * @param runnerImage the image of environments that name none; where it is undefined, each has to name one
 * @throws {GradError} `invalid_file` with all faults, each as file:line:column
 */
export function parseClusterConfig(
  bytes: Uint8Array,
  file: string,
  runnerImage?: string | undefined,
): ClusterConfig {
  const schema = clusterSchema(runnerImage);
  const { yaml, faults: syntax } = readYaml(file, bytes);
  if (yaml === undefined) throw invalidFiles(syntax, FILE);
  const result = schema.safeParse(yaml.value);
  const faults = [...syntax, ...schemaFaults(yaml, schema)];
  if (!result.success || faults.length > 0) throw invalidFiles(orderFaults(faults), FILE);
  const { listen, health, tls, runners, admins, environments } = result.data;
  const { pauseAfter, destroyPausedAfter, endSessionAfter } = runners.idle;
  return {
    listen,
    health,
    tls,
    namespace: runners.namespace,
    storageClassName: runners.storageClassName || undefined,
    authority: runners.authority,
    idle: {
      pauseAfterMs: pauseAfter ?? undefined,
      destroyPausedAfterMs: destroyPausedAfter ?? undefined,
      endSessionAfterMs: endSessionAfter ?? undefined,
    },
    s3Endpoints: runners.s3Endpoints,
    admins,
    environments: new Map(Object.entries(environments).map(([name, made]) => [name, toEnvironment(made)])),
  };
}

type Parsed = z.infer<ReturnType<typeof clusterSchema>>["environments"][string];

function toEnvironment(parsed: Parsed): ClusterEnvironment {
  const { image, egress, resources, requests, nodeSelector, tolerations, runtimeClassName } = parsed;
  return {
    image,
    egress,
    default: resources.default,
    largest: resources.largest,
    requests: { cpuMillis: requests.cpu, memoryMib: requests.memory },
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    // The parser leaves out what the file leaves out, which its type does not say.
    ...(tolerations.length === 0 ? {} : { tolerations: tolerations as Toleration[] }),
    ...(runtimeClassName === "" ? {} : { runtimeClassName }),
  };
}
