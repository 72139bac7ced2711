/** Identifies a runner: of the caller, unless an admin names its owner. */
export type RunnerRef = Readonly<{ workspaceId: string; name: string; owner?: string }>;

/** Which runners: an empty workspace id means all workspaces. All owners are for admins. */
export type RunnerSelection = Readonly<{ workspaceId: string; includeEnded: boolean; allOwners?: boolean }>;

/** Resources of a runner: CPU in thousandths of a core, sizes in MiB. Zero means the default of the environment. */
export type Resources = Readonly<{ cpuMillis: number; memoryMib: number; storageMib: number }>;

export type Network = "none" | "full";

/** The properties of a runner that is created; an empty environment means grad's default. */
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
  | "pausing"
  | "paused"
  | "destroying"
  | "destroyed"
  | "failed";

/** What grad is doing for a runner; "none" when nothing. */
export type RunnerStage =
  | "unspecified"
  | "none"
  | "waiting"
  | "scheduling"
  | "preparing_node"
  | "pulling_image"
  | "starting_components"
  | "waiting_for_kernels"
  | "mounting_datasets"
  | "stopping_components"
  | "deleting_volume";

/** Why a runner is in its phase; "none" when it was asked for. */
export type RunnerReason =
  | "unspecified"
  | "none"
  | "components_ended"
  | "component_failing"
  | "no_progress"
  | "sandbox_unavailable"
  | "version_mismatch"
  | "start_failed"
  | "unschedulable"
  | "image_unavailable"
  | "idle"
  | "quota_exceeded"
  | "volume_unavailable"
  | "evicted";

export type AttachState = "unspecified" | "mounting" | "mounted" | "failed";

/** The state of a dataset in a runner. The error fields are empty unless the state is "failed". */
export type AttachedDataset = Readonly<{
  name: string;
  state: AttachState;
  errorCode: string;
  errorMessage: string;
  errorHint: string;
  /** The folder in which code finds it: /workspace/data/<name>. */
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
  stage: RunnerStage;
  reason: RunnerReason;
  /** Text for people: the current step, or why the runner is not ready; may be empty. */
  phaseMessage: string;
  spec: RunnerSpec;
  createdAt: Date | undefined;
  lastActiveAt: Date | undefined;
  lastActivity: string;
  datasets: readonly AttachedDataset[];
  tombstone: Tombstone | undefined;
  agentVersion: string;
  backend: string;
  /** When grad pauses or destroys it unless it is used before; `undefined` where grad does not. */
  pauseAt: Date | undefined;
  destroyAt: Date | undefined;
  pausedAt: Date | undefined;
  /** Sessions whose variables were lost when it was paused last. */
  lostSessions: readonly string[];
}>;

/** The last lines that a component logged; `previous`: its process before the last restart. */
export type ComponentLog = Readonly<{ component: string; text: string; previous: boolean }>;

/** Runners of the caller. All calls are idempotent. */
export interface RunnerCalls {
  /** Creates a runner, or finds the existing one, and waits until it is ready. @throws {GradError} `runner_exists`, `sandbox_unavailable`, `runner_failed`, `quota_exhausted` */
  create(
    ref: RunnerRef,
    spec: RunnerSpec,
    signal: AbortSignal,
  ): Promise<{ runner: Runner; created: boolean }>;
  /** @throws {GradError} `runner_not_found` */
  get(ref: RunnerRef, signal: AbortSignal): Promise<Runner>;
  /** Runners ordered by name. @throws {GradError} `permission_denied` */
  list(options: RunnerSelection, signal: AbortSignal): Promise<readonly Runner[]>;
  /** @throws {GradError} `runner_not_found`, `runner_busy` unless `force` */
  destroy(ref: RunnerRef, options: { force: boolean }, signal: AbortSignal): Promise<Runner>;
  /** @throws {GradError} `runner_not_found`; unless `force`: `runner_busy`, `variables_at_risk` */
  pause(ref: RunnerRef, options: { force: boolean }, signal: AbortSignal): Promise<Runner>;
  /** Waits until the runner is ready; `resumed` is false when it was. @throws {GradError} as `create`, `runner_not_found` */
  resume(ref: RunnerRef, signal: AbortSignal): Promise<{ runner: Runner; resumed: boolean }>;
  /** An empty component means all of them, 0 lines grad's default. @throws {GradError} `runner_not_found`, `invalid_argument` */
  logs(
    ref: RunnerRef,
    options: { component: string; maxLines: number },
    signal: AbortSignal,
  ): Promise<readonly ComponentLog[]>;
  /** The runners as soon as they are not as they were at `cursor`, at the latest after `waitMs`; at once without a cursor. */
  watch(
    options: RunnerSelection & Readonly<{ cursor: string; waitMs: number }>,
    signal: AbortSignal,
  ): Promise<{ runners: readonly Runner[]; cursor: string }>;
}
