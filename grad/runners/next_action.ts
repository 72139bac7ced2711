import { type Claim, type Desired, type Phase, TOMBSTONE_MS } from "./runner.ts";
import type { ComponentsState } from "./backend.ts";

/** What the owner wants, and since which generation of the record. */
export type DesiredState = Readonly<{ desired: Desired; generation: number }>;

/** What is known: the status of the record, and what the backend says of the components now. */
export type ObservedState = Readonly<{
  phase: Phase;
  observedGeneration: number;
  /** Of the phase `destroyed`. */
  endedAtMs: number;
  components: ComponentsState;
}>;

export type Action =
  /** The record says what is, and that is what is wanted, or what nobody asked to change. */
  | Readonly<{ kind: "none" }>
  /** There is something to do, and another instance has claimed the record. */
  | Readonly<{ kind: "wait"; untilMs: number }>
  /** Bring the components up over the volume, and wait until kernels can be started. */
  | Readonly<{ kind: "start" }>
  /** The components are up already: only the record has to say that this answers the request. */
  | Readonly<{ kind: "confirm" }>
  /** The components ended though nobody asked for it: the record has to say so. */
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

function neededAction({ desired, generation }: DesiredState, observed: ObservedState, nowMs: number): Action {
  const { phase, endedAtMs, components } = observed;
  const asked = generation > observed.observedGeneration;
  switch (phase) {
    // What is half gone cannot be used: it is finished, whatever is wanted by now.
    case "destroying":
      return { kind: "destroy" };
    case "destroyed":
      if (desired !== "destroyed") return { kind: desired === "running" && asked ? "start" : "none" };
      // An instance that stood still while its claim ran out may have started components after the end.
      if (components !== "absent") return { kind: "destroy" };
      return { kind: nowMs - endedAtMs > TOMBSTONE_MS ? "forget" : "none" };
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
    // An attempt that was not finished: its maker has died, or has been asked for something else.
    case "creating":
      return { kind: "start" };
    case "ready":
      if (components === "absent") return { kind: asked ? "start" : "mark_lost" };
      return { kind: asked ? "confirm" : "none" };
    // Nobody asked again since it failed, was lost or paused: it stays as it is. Where components are there after all, an instance
    // that stood still has started them, or the backend did not answer in time: a start finds out whether they can be used.
    case "failed":
    case "lost":
    case "paused":
      return { kind: asked || components !== "absent" ? "start" : "none" };
  }
}
