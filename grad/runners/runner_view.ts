import type { AttachedDataset } from "../agent/dataset.ts";
import type { AgentInfo } from "../agent/agent.ts";
import type { RunnerBackend } from "./backend.ts";
import { observedPhase, type Phase, type RunnerRecord } from "./runner.ts";

/** A runner as shown: its record, and what its components say of themselves. */
export type RunnerView = Readonly<{
  record: RunnerRecord;
  phase: Phase;
  message: string;
  backend: string;
  /** Absent when the agent does not answer. */
  info: AgentInfo | undefined;
  datasets: readonly AttachedDataset[];
  lastActiveAtMs: number;
  lastActivity: string;
}>;

/** Longest time to wait for a component that only adds details. */
const DETAIL_MS = 2_000;

/** Asks the components and never fails for their sake: a runner in trouble is exactly the one to look at. */
export async function viewRunner(
  backend: RunnerBackend,
  record: RunnerRecord,
  options: { nowMs: number; signal: AbortSignal },
): Promise<RunnerView> {
  const { nowMs, signal } = options;
  const ended = record.phase === "destroyed";
  const alive = !ended && await backend.inspect(record.id) !== undefined;
  const { phase, message } = observedPhase(record, alive, nowMs);
  const bound = AbortSignal.any([signal, AbortSignal.timeout(DETAIL_MS)]);
  const { agent, data } = backend.components(record.id);
  const askable = alive && phase === "ready";
  const [info, datasets] = askable
    ? await Promise.all([
      agent.getInfo(0, bound).catch(() => undefined),
      data.getStatus(bound).catch(() => []),
    ])
    : [undefined, []];
  const heardMs = Number(info?.lastActiveMs ?? 0n);
  const heardLater = heardMs > record.lastActiveAtMs;
  return {
    record,
    phase,
    message,
    backend: backend.name,
    info,
    datasets,
    lastActiveAtMs: heardLater ? heardMs : record.lastActiveAtMs,
    lastActivity: heardLater ? info?.lastActivity ?? "" : record.lastActivity,
  };
}
