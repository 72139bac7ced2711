/** Names a runner of the calling owner. */
export type RunnerRef = Readonly<{ workspaceId: string; name: string }>;

/** What a runner may use; zero means the environment's default. CPU is thousandths of a core, sizes are 2^20 bytes. */
export type Resources = Readonly<{ cpuMillis: number; memoryMib: number; storageMib: number }>;

export type Network = "none" | "full";

/** What a runner is made from; an empty environment means grad's default. */
export type RunnerSpec = Readonly<{ environment: string; resources: Resources; network: Network }>;

export const DEFAULT_SPEC: RunnerSpec = {
  environment: "",
  resources: { cpuMillis: 0, memoryMib: 0, storageMib: 0 },
  network: "none",
};

export type RunnerPhase =
  | "unspecified"
  | "creating"
  | "ready"
  | "lost"
  | "destroying"
  | "destroyed"
  | "failed";

export type AttachState = "unspecified" | "mounting" | "mounted" | "failed";

/** A dataset as the runner has it. The error's fields are empty unless the state is "failed". */
export type AttachedDataset = Readonly<{
  name: string;
  state: AttachState;
  errorCode: string;
  errorMessage: string;
  errorHint: string;
  /** Where code finds it: /workspace/data/<name>. */
  path: string;
}>;

/** Who ended a runner, when and why. */
export type Tombstone = Readonly<{
  endedAt: Date | undefined;
  endedBy: string;
  reason: string;
  message: string;
}>;

export type Runner = Readonly<{
  id: string;
  ref: RunnerRef;
  owner: string;
  phase: RunnerPhase;
  /** For people: what it is doing, or why it is not ready; may be empty. */
  phaseMessage: string;
  spec: RunnerSpec;
  createdAt: Date | undefined;
  lastActiveAt: Date | undefined;
  lastActivity: string;
  datasets: readonly AttachedDataset[];
  tombstone: Tombstone | undefined;
  agentVersion: string;
  backend: string;
}>;

/** Runners of the calling owner. All calls are idempotent. */
export interface RunnerCalls {
  /** Answers when it is ready. @throws {GradError} `runner_exists`, `sandbox_unavailable`, `runner_failed`, `quota_exhausted` */
  create(
    ref: RunnerRef,
    spec: RunnerSpec,
    signal: AbortSignal,
  ): Promise<{ runner: Runner; created: boolean }>;
  /** @throws {GradError} `runner_not_found` */
  get(ref: RunnerRef, signal: AbortSignal): Promise<Runner>;
  /** By name; an empty workspace id means all workspaces. */
  list(
    options: { workspaceId: string; includeEnded: boolean },
    signal: AbortSignal,
  ): Promise<readonly Runner[]>;
  /** @throws {GradError} `runner_not_found`, `runner_busy` unless `force` */
  destroy(ref: RunnerRef, options: { force: boolean }, signal: AbortSignal): Promise<Runner>;
}
