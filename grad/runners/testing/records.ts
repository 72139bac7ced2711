import { runnerId } from "../names.ts";
import { newRecord, type RecordSpec, type RunnerRecord, type RunnerStatus } from "../runner.ts";

export const WORKSPACE = "ws-0123456789abcdef";

type Changes = Readonly<{
  name?: string;
  owner?: string;
  generation?: number;
  spec?: Partial<RecordSpec>;
  status?: Partial<RunnerStatus>;
  claim?: RunnerRecord["claim"];
}>;

/** The record of the ready runner `name` of `local`, with changes. */
export function aRecord(changes: Changes = {}): RunnerRecord {
  const { name = "runner-1", owner = "local", generation = 1, claim } = changes;
  const ref = { workspaceId: WORKSPACE, name };
  const spec = {
    environment: "default",
    resources: { cpuMillis: 1500, memoryMib: 512, storageMib: 1024 },
    network: "none",
  } as const;
  const record = newRecord({ id: runnerId("local", ref), ref, owner, spec, nowMs: 1_000 });
  const status = { ...record.status, phase: "ready", stage: "none", observedGeneration: generation } as const;
  return {
    ...record,
    generation,
    spec: { ...record.spec, ...changes.spec },
    status: { ...status, ...changes.status },
    ...(claim === undefined ? {} : { claim }),
  };
}
