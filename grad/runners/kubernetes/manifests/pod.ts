import type { V1Container, V1Pod, V1Toleration, V1Volume } from "@kubernetes/client-node";
import type { RunnerRecord } from "../../runner.ts";
import { tmpfsBytes } from "../../tmpfs_share.ts";
import { type Owner, runnerMetadata } from "./metadata.ts";
import { agent, data, kernel, mount, prepare } from "./containers.ts";
import { certificateName, GROUP, volumeName } from "./layout.ts";

/** How the operator runs the runners of an environment. */
export type PodEnvironment = Readonly<{
  /** By digest in production. */
  image: string;
  /** What the scheduler reserves for user code; the limits are what the runner was requested with. */
  requests: Readonly<{ cpuMillis: number; memoryMib: number }>;
  nodeSelector?: Readonly<Record<string, string>>;
  tolerations?: readonly V1Toleration[];
  runtimeClassName?: string;
  /** S3 servers that datasets may be on, "host:port" or "*.domain:port", for the data component's own check; none: any. */
  s3Endpoints?: readonly string[];
  /** A session's kernel ends after so long without use; 0 for never. */
  sessionIdleSeconds: number;
}>;

/** Components end in a second; the kubelet kills what does not. */
const GRACE_SECONDS = 5;

/**
 * The pod of a runner. mount and data are sidecars in this order: they start before the others and end after them, mount last, so
 * that no mount without a server is left, which would hold up the deletion of the pod. sshd will be one more of the containers
 * beside agent, as USER, with the workspace and the datasets.
 */
export function podManifest(record: RunnerRecord, environment: PodEnvironment, owner: Owner): V1Pod {
  const { id, spec } = record;
  const { image, nodeSelector, tolerations, runtimeClassName } = environment;
  const all: readonly V1Container[] = [
    prepare(),
    mount(),
    data(environment.s3Endpoints ?? []),
    kernel(record, environment.requests),
    agent(record, environment.sessionIdleSeconds),
  ];
  const [prepared, mounts, datas, ...main] = all.map((container) => ({ image, ...container }));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: runnerMetadata(record, owner, id),
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      hostname: "runner",
      restartPolicy: "Always",
      terminationGracePeriodSeconds: GRACE_SECONDS,
      securityContext: {
        fsGroup: GROUP,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      },
      initContainers: [prepared!, mounts!, datas!],
      containers: main,
      volumes: volumes(id, spec.resources.memoryMib),
      ...(nodeSelector === undefined ? {} : { nodeSelector }),
      ...(tolerations === undefined ? {} : { tolerations: [...tolerations] }),
      ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
    },
  };
}

function volumes(id: string, memoryMib: number): V1Volume[] {
  const shareMib = tmpfsBytes(memoryMib) / 2 ** 20;
  return [
    { name: "volume", persistentVolumeClaim: { claimName: volumeName(id) } },
    { name: "tls", secret: { secretName: certificateName(id), defaultMode: 0o440 } },
    { name: "data", emptyDir: {} },
    inMemory("mount-socket", 1),
    inMemory("keys", 1),
    inMemory("datasets", 1),
    // Counted as memory of the kernel component, and full at their size: for a folder on the disk that is over its limit the
    // kubelet would evict the pod.
    inMemory("kernel-shm", shareMib),
    inMemory("kernel-tmp", shareMib),
    { name: "agent-tmp", emptyDir: { sizeLimit: "64Mi" } },
    { name: "data-tmp", emptyDir: { sizeLimit: "640Mi" } },
  ];
}

function inMemory(name: string, mebibytes: number): V1Volume {
  return { name, emptyDir: { medium: "Memory", sizeLimit: `${mebibytes}Mi` } };
}
