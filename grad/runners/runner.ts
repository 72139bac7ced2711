/** The record of a runner: identity, what its owner requested (spec), what was observed (status), who works on it (claim). */
import type { ErrorCode } from "../../shared/error_codes.ts";
import type { Reason, Stage } from "./stages.ts";

/** Names a runner of one owner. */
export interface RunnerRef {
  workspaceId: string;
  name: string;
}

/** A runner as a call names it: the caller's, unless it says whose. */
export interface RequestedRef extends RunnerRef {
  owner?: string;
}

/** CPU is thousandths of a core, the rest MiB (2^20 bytes). In a request 0 means the environment's default, in a record never. */
export interface Resources {
  cpuMillis: number;
  memoryMib: number;
  storageMib: number;
}

export type Network = "none" | "full";

/** What a runner is made of. */
export interface RunnerSpec {
  environment: string;
  resources: Resources;
  network: Network;
}

export type Desired = "running" | "paused" | "destroyed";

/** What the owner requested. Every change of it is a new generation of the record. */
export interface RecordSpec extends RunnerSpec {
  desired: Desired;
  /** Who made the last request: an owner, or "grad". */
  requestedBy: string;
  /** Time of the last request. A request after a failure or a loss changes it, and so causes another attempt. */
  requestedAtMs: number;
  /** When this runner was requested; set again when the name of a destroyed runner is used again. */
  createdAtMs: number;
}

/** The state of components and volume. `lost`: the components ended without a request. */
export type Phase =
  | "creating"
  | "ready"
  | "lost"
  | "pausing"
  | "paused"
  | "destroying"
  | "destroyed"
  | "failed";

/** How a runner ended; the record is deleted after {@link TOMBSTONE_MS}. */
export interface Tombstone {
  endedAtMs: number;
  endedBy: string;
  reason: "destroyed";
  message: string;
}

/** What was observed last. Instants are milliseconds since the epoch. */
export interface RunnerStatus {
  phase: Phase;
  stage: Stage;
  reason: Reason;
  /** Why it is in this phase, for people; empty where the phase says enough. */
  message: string;
  /** Of the phase `failed`: the error that the caller gets. */
  failure?: Readonly<{ code: ErrorCode; hint: string }> | undefined;
  /** The generation of the spec that this phase answers. */
  observedGeneration: number;
  changedAtMs: number;
  lastActiveAtMs: number;
  lastActivity: string;
  /** Of the phase `paused`. */
  pausedAtMs?: number | undefined;
  /** Sessions whose variables were lost when it was paused last. */
  lostSessions?: readonly string[] | undefined;
  /** How often it was started again after a loss without a request; see {@link recreateAtMs}. */
  recreations?: number | undefined;
  tombstone?: Tombstone | undefined;
}

/** While it lasts, one instance of grad works on the record and others wait. The claim of an instance that ended expires. */
export interface Claim {
  /** The instance, for people. */
  holder: string;
  /** Random, new for each attempt: identifies the holder beyond doubt. */
  attempt: string;
  untilMs: number;
}

/** Creating the record is the lock on the runner's name. */
export interface RunnerRecord {
  id: string;
  ref: RunnerRef;
  owner: string;
  /** Number of changes of `spec`, from 1; maintained by the store. */
  generation: number;
  spec: RecordSpec;
  status: RunnerStatus;
  claim?: Claim | undefined;
  /** Somebody deletes the record itself, such as by kubectl: the runner is destroyed, and no tombstone stays. */
  deleted?: true | undefined;
}

/** How long the tombstone of a runner stays, in milliseconds: seven days. */
export const TOMBSTONE_MS = 7 * 24 * 3600 * 1000;

/** Whether a tombstone is due for deletion. */
export function isForgotten({ status }: Pick<RunnerRecord, "status">, nowMs: number): boolean {
  return status.phase === "destroyed" && nowMs - (status.tombstone?.endedAtMs ?? 0) > TOMBSTONE_MS;
}

/** Whether there is a request that no attempt has completed yet. */
export function isAsked({ generation, status }: Pick<RunnerRecord, "generation" | "status">): boolean {
  return generation > status.observedGeneration;
}

/** The record of a newly requested runner, without a claim. */
export function newRecord(
  made: Pick<RunnerRecord, "id" | "owner" | "ref"> & Readonly<{ spec: RunnerSpec; nowMs: number }>,
): RunnerRecord {
  const { id, owner, ref, spec, nowMs } = made;
  return {
    id,
    ref,
    owner,
    generation: 1,
    spec: { ...spec, desired: "running", requestedBy: owner, requestedAtMs: nowMs, createdAtMs: nowMs },
    status: {
      phase: "creating",
      stage: "waiting",
      reason: "none",
      message: "",
      observedGeneration: 0,
      changedAtMs: nowMs,
      lastActiveAtMs: nowMs,
      lastActivity: "explicit",
    },
  };
}

/** The message of a runner that is lost. */
export const LOST_MESSAGE = "stopped: starts again with the next run; files are kept";

/** Who requests what no owner has requested. */
export const REQUESTED_BY_GRAD = "grad";

/** The last activity, where the last request of an owner is one that the record does not show yet. */
export function askedActivity(
  { spec, status }: Pick<RunnerRecord, "spec" | "status">,
): Pick<RunnerStatus, "lastActiveAtMs" | "lastActivity"> {
  if (spec.requestedBy !== REQUESTED_BY_GRAD && spec.requestedAtMs > status.lastActiveAtMs) {
    return { lastActiveAtMs: spec.requestedAtMs, lastActivity: "explicit" };
  }
  return { lastActiveAtMs: status.lastActiveAtMs, lastActivity: status.lastActivity };
}
