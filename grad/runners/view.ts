import type { AgentInfo } from "../agent/agent.ts";
import type { AttachedDataset } from "../agent/dataset.ts";
import { ABSENT, type Observation, type RunnerBackend } from "./backend.ts";
import { destroyAtMs, type IdleLimits, latestActivity, pauseAtMs } from "./idle.ts";
import { LOST_MESSAGE, type Phase, type RunnerRecord } from "./runner.ts";
import { type Reason, type Stage, STAGE_TEXT } from "./stages.ts";

/** What to show of a runner's phase. */
export type ShownPhase = Readonly<{ phase: Phase; stage: Stage; reason: Reason; message: string }>;

/** A runner as shown: its record, and what its components say of themselves. */
export type RunnerView =
  & ShownPhase
  & Readonly<{
    record: RunnerRecord;
    backend: string;
    /** Absent when the agent does not answer. */
    info: AgentInfo | undefined;
    datasets: readonly AttachedDataset[];
    lastActiveAtMs: number;
    lastActivity: string;
    /** When grad pauses or destroys it, unless it is used before; `undefined` where it does not. */
    pauseAtMs: number | undefined;
    destroyAtMs: number | undefined;
  }>;

/** Longest time to wait for a component that only adds details. */
const DETAIL_MS = 2_000;

/** The phase to show: what the record says, corrected by what the backend says of the components now. Pure. */
export function shownPhase({ spec, status }: RunnerRecord, observed: Observation): ShownPhase {
  const { phase, stage, reason } = status;
  const message = status.message || STAGE_TEXT[stage];
  if (spec.desired === "destroyed" && phase !== "destroyed") {
    const ending = phase === "destroying" ? stage : "stopping_components";
    return { phase: "destroying", stage: ending, reason, message: STAGE_TEXT[ending] };
  }
  if (phase === "ready" && observed.state === "absent") {
    const lost = observed.reason === "none" ? "components_ended" : observed.reason;
    const message = observed.message === "" ? LOST_MESSAGE : `${observed.message}; ${LOST_MESSAGE}`;
    return { phase: "lost", stage: "none", reason: lost, message };
  }
  if (phase === "ready" && observed.state === "failing") {
    return { phase, stage, reason: observed.reason, message: observed.message };
  }
  return { phase, stage, reason, message };
}

/** The view of a record. Components that do not answer only leave details out: a broken runner must be possible to view. */
export async function viewRunner(
  backend: RunnerBackend,
  record: RunnerRecord,
  { signal, idle, nowMs }: Readonly<{ signal: AbortSignal; idle: IdleLimits; nowMs: number }>,
): Promise<RunnerView> {
  const observed = record.status.phase === "destroyed" ? ABSENT : await backend.observe(record.id);
  const shown = shownPhase(record, observed);
  const bound = AbortSignal.any([signal, AbortSignal.timeout(DETAIL_MS)]);
  const [info, datasets] = shown.phase === "ready" ? await details(backend, record, bound) : [undefined, []];
  return assemble(backend, record, { shown, info, datasets, idle, nowMs });
}

/** The view by the record alone, which asks nobody. */
export function viewRecord(
  backend: Pick<RunnerBackend, "name">,
  record: RunnerRecord,
  { idle, nowMs }: Readonly<{ idle: IdleLimits; nowMs: number }>,
): RunnerView {
  const shown = shownPhase(record, { ...ABSENT, state: "running" });
  return assemble(backend, record, { shown, info: undefined, datasets: [], idle, nowMs });
}

function assemble(
  backend: Pick<RunnerBackend, "name">,
  record: RunnerRecord,
  { shown, info, datasets, idle, nowMs }: Readonly<{
    shown: ShownPhase;
    info: AgentInfo | undefined;
    datasets: readonly AttachedDataset[];
    idle: IdleLimits;
    nowMs: number;
  }>,
): RunnerView {
  const activity = latestActivity(record, info, nowMs);
  return {
    ...shown,
    ...activity,
    record,
    backend: backend.name,
    info,
    datasets,
    pauseAtMs: shown.phase === "ready" ? pauseAtMs(record, activity, idle) : undefined,
    destroyAtMs: destroyAtMs(record, idle),
  };
}

async function details(
  backend: RunnerBackend,
  record: RunnerRecord,
  signal: AbortSignal,
): Promise<[AgentInfo | undefined, AttachedDataset[]]> {
  try {
    const { agent, data } = await backend.connect(record);
    return await Promise.all([
      agent.getInfo(0, signal).catch(() => undefined),
      data.getStatus(signal).catch(() => []),
    ]);
  } catch {
    return [undefined, []];
  }
}
