import { type Claim, type Desired, type Phase, TOMBSTONE_MS } from "./runner.ts";
import type { ComponentsState } from "./backend.ts";

/** What the owner wants, and since which generation of the record. */
export type DesiredState = Readonly<{
  desired: Desired;
  generation: number;
  /** The record itself is to be deleted, without a tombstone. */
  deleted?: boolean;
}>;

/** What is known: the status of the record, and what the backend says of the components now. */
export type ObservedState = Readonly<{
  phase: Phase;
  observedGeneration: number;
  /** Of the phase `destroyed`. */
  endedAtMs: number;
  components: ComponentsState;
  /** Of the phase `lost`: when the components are started again without a request; `undefined` means never. */
  recreateAtMs?: number | undefined;
}>;

export type Action =
  /** The record is up to date, and nothing was requested that is not done. */
  | Readonly<{ kind: "none" }>
  /** An action is needed, but another instance holds the claim on the record. */
  | Readonly<{ kind: "wait"; untilMs: number }>
  /** Start the components over the volume, and wait until kernels can be started. */
  | Readonly<{ kind: "start" }>
  /** The components run already: only `observedGeneration` of the record has to be updated. */
  | Readonly<{ kind: "confirm" }>
  /** The components ended without a request: set the phase `lost`. */
  | Readonly<{ kind: "mark_lost" }>
  /** Stop the components, keep the volume. */
  | Readonly<{ kind: "pause" }>
  /** Stop the components, delete the volume, leave a tombstone. */
  | Readonly<{ kind: "destroy" }>
  /** Delete the tombstone. */
  | Readonly<{ kind: "forget" }>;

/** The next thing to do about a runner. Pure; serves every backend, and any instance of grad decides the same. */
export function nextAction(
  desired: DesiredState,
  observed: ObservedState,
  claim: Claim | undefined,
  nowMs: number,
): Action {
  const action = neededAction(desired, observed, nowMs);
  if (action.kind === "none" || claim === undefined || claim.untilMs <= nowMs) return action;
  return { kind: "wait", untilMs: claim.untilMs };
}

function neededAction(wanted: DesiredState, observed: ObservedState, nowMs: number): Action {
  const { desired, generation, deleted = false } = wanted;
  const { phase, endedAtMs, components } = observed;
  const asked = generation > observed.observedGeneration;
  switch (phase) {
    // A runner that is partly deleted cannot be used: the deletion is completed first, even if the runner is wanted again.
    case "destroying":
      return { kind: "destroy" };
    case "destroyed":
      if (desired !== "destroyed" && !deleted) {
        return { kind: desired === "running" && asked ? "start" : "none" };
      }
      // An instance that was suspended until its claim expired may have started components after the runner was destroyed.
      if (components !== "absent") return { kind: "destroy" };
      return { kind: deleted || nowMs - endedAtMs > TOMBSTONE_MS ? "forget" : "none" };
    default:
      if (desired === "destroyed") return { kind: "destroy" };
  }
  if (desired === "paused") {
    if (phase !== "paused" || components !== "absent") return { kind: "pause" };
    return { kind: asked ? "confirm" : "none" };
  }
  switch (phase) {
    case "pausing":
      return { kind: "pause" };
    // An unfinished attempt: the instance that made it has ended, or was interrupted by another request.
    case "creating":
      return { kind: "start" };
    case "ready":
      if (components === "absent") return { kind: asked ? "start" : "mark_lost" };
      return { kind: asked ? "confirm" : "none" };
    // Without a new request the runner stays as it is. Components that exist nevertheless were started by an instance that was
    // suspended, or were not seen because the backend answered late: a start finds out whether they can be used.
    case "lost":
      if (observed.recreateAtMs !== undefined && nowMs >= observed.recreateAtMs) return { kind: "start" };
      return { kind: asked || components !== "absent" ? "start" : "none" };
    case "failed":
    case "paused":
      return { kind: asked || components !== "absent" ? "start" : "none" };
  }
}
