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
import type { Listener } from "../../listen/listener.ts";
import { serve } from "../../listen/server.ts";
import { unixSocket } from "../../listen/unix_socket.ts";
import { type Method, METHODS } from "../../rpc/middleware/methods.ts";
import type { Probe } from "../../rpc/readiness.ts";
import { Sessions } from "../../sessions/sessions.ts";
import { CallCounts } from "../../telemetry/call_metrics.ts";
import type { RunnerStore } from "../store.ts";
import { type Machine, machine, memoryBackend } from "./memory_backend.ts";
import { memoryStore } from "./memory_store.ts";
import { aService } from "./service.ts";

/** A real grad server over the memory backend, on a socket of its own. */
export type Served = AsyncDisposable & {
  address: string;
  store: RunnerStore;
  machine: Machine;
  /** Lines that it has logged. */
  log: Record<string, unknown>[];
  metrics: CallCounts<Method>;
  stop(): PromiseLike<void>;
};

export async function served(
  options: {
    maxCalls?: number;
    authenticator?: Authenticator;
    /** By default a unix socket. */
    listener?: Listener;
    probe?: Probe;
    checks?: DiagnosticCheck[];
  } = {},
): Promise<Served> {
  const dir = await Deno.makeTempDir();
  const socket = join(dir, "grad.sock");
  const lines: Record<string, unknown>[] = [];
  const log = jsonLogger((line) => void lines.push(JSON.parse(line)), { now: () => 0 });
  const metrics = new CallCounts(METHODS);
  const [on, store] = [machine(), memoryStore()];
  const stopping = new AbortController();
  const runners = aService({ store, backend: memoryBackend(on), log, stopping: stopping.signal });
  const server = await serve(options.listener ?? await unixSocket(socket), {
    system: { backend: "memory", environments: runners.environments, instance: "test" },
    diagnose: new Diagnose({ checks: options.checks ?? [] }, systemClock),
    runners,
    executions: new Executions(runners, systemClock),
    sessions: new Sessions(runners),
    files: new Files(runners),
    clock: systemClock,
    authenticator: options.authenticator ?? unixUser,
    metrics,
    probe: options.probe ?? (() => store.list()),
    ids: systemIds,
    log,
    now: () => performance.now(),
    maxCalls: options.maxCalls ?? 100,
  });
  let stopped: PromiseLike<void> | undefined;
  const stop = () => stopped ??= server[Symbol.asyncDispose]();
  return {
    address: server.address,
    store,
    machine: on,
    log: lines,
    metrics,
    stop,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await stop();
      await Deno.remove(dir, { recursive: true });
    },
  };
}
