/** A runner as it is remembered: identity, specification, phase, and its end. */

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

export interface RunnerSpec {
  environment: string;
  resources: Resources;
  network: Network;
}

/** As in grad.v1.RunnerPhase. */
export type Phase = "creating" | "ready" | "lost" | "destroying" | "destroyed" | "failed";

export interface Tombstone {
  endedAtMs: number;
  endedBy: string;
  reason: "destroyed" | "failed";
  message: string;
}

/** Small, JSON, and the identity of the runner: creating it is the lock. Instants are milliseconds since the epoch. */
export interface RunnerRecord {
  version: 1;
  /** Counts changes; a change names the revision that it was made from. */
  revision: number;
  id: string;
  ref: RunnerRef;
  owner: string;
  /** As last decided; what the components are really like is asked each time. */
  phase: Phase;
  phaseMessage: string;
  spec: RunnerSpec;
  createdAtMs: number;
  changedAtMs: number;
  lastActiveAtMs: number;
  lastActivity: string;
  tombstone?: Tombstone | undefined;
}

/** Which phase may follow which. Creating, recovering and destroying are legal from every state. */
const NEXT: Readonly<Record<Phase, readonly Phase[]>> = {
  creating: ["creating", "ready", "failed", "destroying"],
  ready: ["ready", "creating", "failed", "destroying"],
  lost: ["creating", "destroying"],
  failed: ["creating", "destroying"],
  destroying: ["destroying", "destroyed"],
  destroyed: ["creating", "destroyed"],
};

export function mayFollow(from: Phase, to: Phase): boolean {
  return NEXT[from].includes(to);
}

/** How long a record may say "creating" with no components there before its maker counts as gone. */
const MAKER_GONE_MS = 30_000;

/** The phase to show: what the record says, corrected by whether its components are alive. Pure. */
export function observedPhase(
  record: Pick<RunnerRecord, "phase" | "phaseMessage" | "changedAtMs">,
  alive: boolean,
  nowMs: number,
): { phase: Phase; message: string } {
  const { phase, phaseMessage: message } = record;
  if (alive || phase === "failed" || phase === "destroyed" || phase === "destroying") {
    return { phase, message };
  }
  if (phase === "creating" && nowMs - record.changedAtMs < MAKER_GONE_MS) return { phase, message };
  return {
    phase: "lost",
    message: "its components are down; the next execution starts them over the same files",
  };
}

/** How long the end of a runner is remembered. */
export const TOMBSTONE_MS = 7 * 24 * 3600 * 1000;

export function isForgotten(record: Pick<RunnerRecord, "phase" | "tombstone">, nowMs: number): boolean {
  return record.phase === "destroyed" && nowMs - (record.tombstone?.endedAtMs ?? 0) > TOMBSTONE_MS;
}
