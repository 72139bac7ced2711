import type { V1Container, V1EnvVar, V1SecurityContext } from "@kubernetes/client-node";
import type { RunnerRecord } from "../../runner.ts";
import {
  AGENT_PORT,
  APPLIED,
  DATA,
  DATA_PORT,
  DATA_USER,
  DATASETS_VERSION,
  GROUP,
  KERNEL_DIR,
  MOUNT_SOCKET,
  PYTHON,
  SPILL,
  SPILL_OF_AGENT,
  STATE,
  TLS,
  USER,
  VENV,
  WORKSPACE,
} from "./layout.ts";

/** `-P`: a component never imports from its working folder, where the user may have a file named json.py. */
const MODULE = ["-P", "-m"];
/** First process of agent and data: starts its argument again at once, where the kubelet would wait for 15 s and more. */
const INIT = [PYTHON, "-I", "-m", "grad_runner.container_init"];
/** Tasks (processes and threads) of all kernels of one runner. */
const MAX_TASKS = 4_096;

/** Makes the folders of the volume; what kernels of an earlier pod have left, where code may have denied itself rights, is deleted. */
export function prepare(): V1Container {
  const kernels = "/volume/kernel";
  const made = ["workspace/code", "workspace/outputs", "workspace/data", "state", "spill"].map((path) =>
    `/volume/${path}`
  );
  const script = `rm -rf ${kernels} || { chmod -R u+rwx ${kernels}; rm -rf ${kernels}; }; exec mkdir -p "$@"`;
  return {
    name: "prepare",
    command: ["/bin/sh", "-c", script, "prepare", kernels, ...made],
    securityContext: unprivileged(USER),
    resources: { limits: { memory: "32Mi" }, requests: { cpu: "1m", memory: "8Mi" } },
    volumeMounts: [{ name: "volume", mountPath: "/volume" }],
  };
}

/** The only privileged one: no keys, no configuration, no network use. */
export function mount(): V1Container {
  return {
    name: "mount",
    restartPolicy: "Always",
    command: [
      ...[PYTHON, "-I", "-u", "-m", "grad_runner.mount"],
      ...[DATA, MOUNT_SOCKET, String(DATA_USER), String(GROUP)],
    ],
    // Bidirectional mount propagation needs a privileged container.
    securityContext: { privileged: true, readOnlyRootFilesystem: true, runAsUser: 0 },
    resources: { limits: { memory: "64Mi" }, requests: { cpu: "1m", memory: "16Mi" } },
    volumeMounts: [
      { name: "data", mountPath: DATA, mountPropagation: "Bidirectional" },
      { name: "mount-socket", mountPath: "/run/mount" },
    ],
  };
}

/** The only holder of S3 keys, without any privilege. `s3Endpoints` are the servers that datasets may be on; none: any. */
export function data(s3Endpoints: readonly string[]): V1Container {
  return {
    name: "data",
    restartPolicy: "Always",
    command: [
      ...[...INIT, PYTHON, ...MODULE, "grad_runner.data"],
      ...["--listen", `tls:0.0.0.0:${DATA_PORT}`, "--tls-dir", TLS],
      ...["--mount-root", DATA, "--shown-at", DATA],
      ...["--cache-dir", "/tmp/cache", "--version-file", DATASETS_VERSION],
      ...["--by-mount-component", "--applied-file", APPLIED],
      ...["--mount-uid", String(USER), "--mount-gid", String(GROUP)],
      ...s3Endpoints.flatMap((endpoint) => ["--s3-endpoint", endpoint]),
    ],
    env: trusted("/tmp"),
    ports: [{ name: "data", containerPort: DATA_PORT }],
    securityContext: unprivileged(DATA_USER),
    resources: { limits: { memory: "512Mi" }, requests: { cpu: "10m", memory: "64Mi" } },
    volumeMounts: [
      { name: "data", mountPath: DATA, mountPropagation: "HostToContainer", readOnly: true },
      { name: "mount-socket", mountPath: "/run/mount" },
      { name: "keys", mountPath: "/run/keys" },
      { name: "datasets", mountPath: "/run/datasets" },
      { name: "tls", mountPath: TLS, readOnly: true },
      { name: "data-tmp", mountPath: "/tmp" },
    ],
  };
}

/** User code: no credentials, no capabilities, a read-only root. Neither exec probes nor hooks: those would run without our filter. */
export function kernel(
  { spec }: RunnerRecord,
  requests: Readonly<{ cpuMillis: number; memoryMib: number }>,
): V1Container {
  const { cpuMillis, memoryMib } = spec.resources;
  const cores = String(Math.max(1, Math.ceil(cpuMillis / 1000)));
  return {
    name: "kernel",
    command: [
      ...[PYTHON, ...MODULE, "grad_runner.kernel"],
      ...["--dir", KERNEL_DIR, "--workspace", WORKSPACE, "--network", spec.network],
      ...["--memory-bytes", String(memoryMib * 2 ** 20), "--max-tasks", String(MAX_TASKS)],
      ...["--threads", cores, "--storage-bytes", storageBytes(spec), "--spill", SPILL],
    ],
    env: [...variables({ HOME: "/tmp/home", USER: "user", TERM: "dumb" }), ...threads(cores)],
    workingDir: WORKSPACE,
    securityContext: unprivileged(USER),
    resources: {
      limits: { cpu: `${cpuMillis}m`, memory: `${memoryMib}Mi` },
      requests: {
        cpu: `${Math.min(requests.cpuMillis, cpuMillis)}m`,
        memory: `${Math.min(requests.memoryMib, memoryMib)}Mi`,
      },
    },
    volumeMounts: [
      { name: "volume", mountPath: WORKSPACE, subPath: "workspace" },
      { name: "volume", mountPath: SPILL, subPath: "spill" },
      { name: "data", mountPath: DATA, mountPropagation: "HostToContainer", readOnly: true },
      { name: "volume", mountPath: KERNEL_DIR, subPath: "kernel" },
      { name: "kernel-shm", mountPath: "/dev/shm" },
      { name: "kernel-tmp", mountPath: "/tmp" },
      // An empty folder in place of the message queues, which all containers of the pod share.
      { name: "kernel-tmp", mountPath: "/dev/mqueue", subPath: "mqueue", readOnly: true },
    ],
  };
}

/** Trusted: sessions, journal, files. */
export function agent({ id, spec }: RunnerRecord, sessionIdleSeconds: number): V1Container {
  return {
    name: "agent",
    command: [
      ...[...INIT, PYTHON, ...MODULE, "grad_runner.agent"],
      ...["--listen", `tls:0.0.0.0:${AGENT_PORT}`, "--tls-dir", TLS, "--runner-id", id],
      ...["--workspace", WORKSPACE, "--data", DATA, "--state", STATE, "--kernel-dir", KERNEL_DIR],
      ...["--storage-bytes", storageBytes(spec), "--spill", SPILL_OF_AGENT],
      // The containers of a pod do not see each other's processes.
      ...["--processes-apart", "--datasets-version-file", DATASETS_VERSION],
      ...["--session-idle-seconds", String(sessionIdleSeconds), "--network", spec.network],
    ],
    env: trusted("/tmp"),
    ports: [{ name: "agent", containerPort: AGENT_PORT }],
    securityContext: unprivileged(USER),
    resources: { limits: { memory: "384Mi" }, requests: { cpu: "10m", memory: "96Mi" } },
    volumeMounts: [
      { name: "volume", mountPath: WORKSPACE, subPath: "workspace" },
      { name: "volume", mountPath: STATE, subPath: "state" },
      { name: "volume", mountPath: SPILL_OF_AGENT, subPath: "spill" },
      { name: "data", mountPath: DATA, mountPropagation: "HostToContainer", readOnly: true },
      { name: "volume", mountPath: KERNEL_DIR, subPath: "kernel" },
      { name: "datasets", mountPath: "/run/datasets", readOnly: true },
      { name: "tls", mountPath: TLS, readOnly: true },
      { name: "agent-tmp", mountPath: "/tmp" },
    ],
  };
}

/** Without any privilege, and with a root file system that is not written. */
export function unprivileged(user: number): V1SecurityContext {
  return {
    runAsUser: user,
    runAsGroup: GROUP,
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  };
}

function trusted(home: string): V1EnvVar[] {
  return variables({ HOME: home });
}

function variables(more: Readonly<Record<string, string>>): V1EnvVar[] {
  const all = {
    PATH: `${VENV}/bin:/usr/local/bin:/usr/bin:/bin`,
    LANG: "C.UTF-8",
    TZ: "UTC",
    PYTHONUNBUFFERED: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    ...more,
  };
  return Object.entries(all).map(([name, value]) => ({ name, value }));
}

function storageBytes({ resources }: RunnerRecord["spec"]): string {
  return String(resources.storageMib * 2 ** 20);
}

/** Bounds the threads of libraries that would else take every core of the node. */
function threads(value: string): V1EnvVar[] {
  return [
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "POLARS_MAX_THREADS",
  ]
    .map((name) => ({ name, value }));
}
