import type { AgentInfo } from "../agent/agent.ts";
import type { AttachedDataset } from "../agent/dataset.ts";
import { ABSENT, type Observation, type RunnerBackend } from "./backend.ts";
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
    return { phase: "lost", stage: "none", reason: "components_ended", message: LOST_MESSAGE };
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
  signal: AbortSignal,
): Promise<RunnerView> {
  const { status } = record;
  const observed = status.phase === "destroyed" ? ABSENT : await backend.observe(record.id);
  const shown = shownPhase(record, observed);
  const bound = AbortSignal.any([signal, AbortSignal.timeout(DETAIL_MS)]);
  const [info, datasets] = shown.phase === "ready" ? await details(backend, record, bound) : [undefined, []];
  const reportedMs = Number(info?.lastActiveMs ?? 0n);
  const isLater = reportedMs > status.lastActiveAtMs;
  return {
    ...shown,
    record,
    backend: backend.name,
    info,
    datasets,
    lastActiveAtMs: isLater ? reportedMs : status.lastActiveAtMs,
    lastActivity: isLater ? info?.lastActivity ?? "" : status.lastActivity,
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
