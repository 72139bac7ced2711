/** A runner as grad remembers it: identity, what its owner wants (spec), what was observed (status), who works on it (claim). */
import type { ErrorCode } from "../../shared/error_codes.ts";
import type { Reason, Stage } from "./stages.ts";

/** Names a runner of one owner. */
export interface RunnerRef {
  workspaceId: string;
  name: string;
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

/** What the owner wants. Every change of it is a new generation of the record. */
export interface RecordSpec extends RunnerSpec {
  desired: Desired;
  /** Who asked last: an owner, or "grad". */
  requestedBy: string;
  /** When it was asked for last. Asking again after a failure or a loss is a change, and so another attempt. */
  requestedAtMs: number;
  /** When the runner was asked for that these files belong to: a name that is used again after a destroy begins anew. */
  createdAtMs: number;
}

/** What is known of the components and the volume. `lost` is a runner whose components ended though nobody asked for it. */
export type Phase =
  | "creating"
  | "ready"
  | "lost"
  | "pausing"
  | "paused"
  | "destroying"
  | "destroyed"
  | "failed";

/** How a runner ended; kept for {@link TOMBSTONE_MS}. */
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
  tombstone?: Tombstone | undefined;
}

/** One grad instance works on the record until then; others wait. A dead instance's claim runs out by itself. */
export interface Claim {
  /** The instance, for people. */
  holder: string;
  /** Random, one for each attempt: what proves the claim. */
  attempt: string;
  untilMs: number;
}

/** Small, JSON, and the identity of the runner: creating it is the lock. */
export interface RunnerRecord {
  id: string;
  ref: RunnerRef;
  owner: string;
  /** Counts changes of `spec`, from 1; kept by the store. */
  generation: number;
  spec: RecordSpec;
  status: RunnerStatus;
  claim?: Claim | undefined;
}

/** How long the end of a runner is remembered. */
export const TOMBSTONE_MS = 7 * 24 * 3600 * 1000;

/** Whether a runner that has ended is to be forgotten. */
export function isForgotten({ status }: Pick<RunnerRecord, "status">, nowMs: number): boolean {
  return status.phase === "destroyed" && nowMs - (status.tombstone?.endedAtMs ?? 0) > TOMBSTONE_MS;
}

/** Whether somebody asked for something that no attempt has answered yet. */
export function isAsked({ generation, status }: Pick<RunnerRecord, "generation" | "status">): boolean {
  return generation > status.observedGeneration;
}

/** The record of a runner that is asked for. Nobody works on it yet. */
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
export const LOST_MESSAGE =
  "its components are down; the next execution starts them again over the same files";
