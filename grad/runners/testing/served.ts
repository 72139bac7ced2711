import { join } from "node:path";
import { systemClock } from "../../../shared/clock.ts";
import { systemIds } from "../../../shared/ids.ts";
import { jsonLogger } from "../../../shared/log.ts";
import type { Authenticator } from "../../auth/authenticator.ts";
import { unixUser } from "../../auth/unix_user.ts";
import { Diagnose } from "../../diagnostics/diagnose.ts";
import type { DiagnosticCheck } from "../../diagnostics/diagnostic_check.ts";
import { Executions } from "../../executions/executions.ts";
import { Files } from "../../files/files.ts";
import { serve } from "../../listen/server.ts";
import { type Method, METHODS } from "../../rpc/methods.ts";
import type { Probe } from "../../rpc/readiness.ts";
import { Sessions } from "../../sessions/sessions.ts";
import { CallCounts } from "../../telemetry/call_metrics.ts";
import type { RunnerRecords } from "../backend.ts";
import { RunnerManager } from "../manager.ts";
import { type Machine, machine, memoryBackend } from "./memory_backend.ts";
import { memoryRecords } from "./memory_records.ts";

/** A real grad server over the memory backend, on a socket of its own. */
export type Served = AsyncDisposable & {
  address: string;
  records: RunnerRecords;
  machine: Machine;
  /** Lines that it has logged. */
  log: Record<string, unknown>[];
  metrics: CallCounts<Method>;
  stop(): PromiseLike<void>;
};

export async function served(
  options: { maxCalls?: number; authenticator?: Authenticator; probe?: Probe; checks?: DiagnosticCheck[] } =
    {},
): Promise<Served> {
  const dir = await Deno.makeTempDir();
  const socket = join(dir, "grad.sock");
  const lines: Record<string, unknown>[] = [];
  const log = jsonLogger((line) => void lines.push(JSON.parse(line)), { now: () => 0 });
  const metrics = new CallCounts(METHODS);
  const [on, records] = [machine(), memoryRecords()];
  const environments = new Map([["default", { cpuMillis: 1000, memoryMib: 1024, storageMib: 1024 }]]);
  const runners = new RunnerManager({
    records,
    backend: memoryBackend(on),
    environments,
    clock: systemClock,
    log,
  });
  const server = await serve(socket, {
    system: { backend: "memory", environments: runners.environments, instance: "test" },
    diagnose: new Diagnose({ checks: options.checks ?? [] }, systemClock),
    runners,
    executions: new Executions(runners, systemClock),
    sessions: new Sessions(runners),
    files: new Files(runners),
    clock: systemClock,
    authenticator: options.authenticator ?? unixUser,
    metrics,
    probe: options.probe ?? (() => records.list()),
    ids: systemIds,
    log,
    now: () => performance.now(),
    maxCalls: options.maxCalls ?? 100,
  });
  let stopped: PromiseLike<void> | undefined;
  const stop = () => stopped ??= server[Symbol.asyncDispose]();
  return {
    address: `unix:${socket}`,
    records,
    machine: on,
    log: lines,
    metrics,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await Deno.remove(dir, { recursive: true });
    },
  };
}
