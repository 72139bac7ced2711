import { runnerId } from "../names.ts";
import type { RunnerRecord } from "../runner.ts";

export const WORKSPACE = "ws-0123456789abcdef";

/** A record of the runner `name` of `local`, unless told otherwise. */
export function aRecord(changes: Partial<RunnerRecord> & { name?: string } = {}): RunnerRecord {
  const { name = "runner-1", ...rest } = changes;
  const ref = { workspaceId: WORKSPACE, name };
  return {
    version: 1,
    revision: 1,
    id: runnerId("local", ref),
    ref,
    owner: "local",
    phase: "ready",
    phaseMessage: "",
    spec: {
      environment: "default",
      resources: { cpuMillis: 1500, memoryMib: 512, storageMib: 1024 },
      network: "none",
    },
    createdAtMs: 1_000,
    changedAtMs: 1_000,
    lastActiveAtMs: 1_000,
    lastActivity: "explicit",
    ...rest,
  };
}
