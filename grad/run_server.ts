/** What every composition root of grad does once it has chosen its adapters. */
import type { Clock } from "../shared/clock.ts";
import { GradError } from "../shared/errors.ts";
import type { Ids } from "../shared/ids.ts";
import type { Logger } from "../shared/log.ts";
import { VERSION } from "../shared/version.ts";
import type { Authenticator } from "./auth/authenticator.ts";
import { Diagnose } from "./diagnostics/diagnose.ts";
import type { BackendDiagnostics } from "./diagnostics/diagnostic_check.ts";
import { Executions } from "./executions/executions.ts";
import { Files } from "./files/files.ts";
import type { HostPort } from "./config/cluster_config.ts";
import type { Listener } from "./listen/listener.ts";
import { serve } from "./listen/server.ts";
import { METHODS } from "./rpc/middleware/methods.ts";
import type { Probe } from "./rpc/readiness.ts";
import type { RunnerBackend } from "./runners/backend.ts";
import type { Environments } from "./runners/environments.ts";
import type { IdleLimits } from "./runners/idle.ts";
import { RunnerService } from "./runners/service.ts";
import type { RunnerStore } from "./runners/store.ts";
import { Sessions } from "./sessions/sessions.ts";
import { CallCounts } from "./telemetry/call_metrics.ts";

/** How long ending waits for claims to be given back. What is not by then runs out by itself. */
const STOP_MS = 2_000;

/** What belongs to this process, whatever the backend. */
export type ThisProcess = Readonly<{
  clock: Clock;
  ids: Ids;
  log: Logger;
  /** Names this instance of grad, for people. */
  instance: string;
  /** Milliseconds from any point, never running backwards. */
  now: () => number;
  /** Resolves with the name of the signal that ends this process. */
  stop: Promise<string>;
}>;

/** What differs between the backends. */
export type Adapters = Readonly<{
  backend: RunnerBackend;
  store: RunnerStore;
  environments: Environments;
  idle: IdleLimits;
  diagnostics: BackendDiagnostics;
  authenticator: Authenticator;
  listener: Listener;
  health?: HostPort;
  probe: Probe;
  maxCalls: number;
  /** Runs when grad listens, before it works on runners. */
  listening?: () => Promise<void>;
  /** Works until `signal` aborts, such as the renewal of certificates. */
  background?: (signal: AbortSignal) => Promise<unknown>;
}>;

/** Serves until the process is to stop. Runners are not affected by its end. */
export async function runServer(adapters: Adapters, process: ThisProcess): Promise<void> {
  const { backend, store, environments, idle, listener } = adapters;
  const { clock, ids, log, instance } = process;
  const stopping = new AbortController();
  const { signal } = stopping;
  const runners = new RunnerService({
    store,
    backend,
    environments,
    idle,
    clock,
    ids,
    log,
    instance,
    stopping: signal,
  });
  await using server = await serve(listener, {
    ...adapters,
    ...process,
    system: { backend: backend.name, environments: runners.environments, instance },
    diagnose: new Diagnose(adapters.diagnostics, clock),
    runners,
    executions: new Executions(runners, clock),
    sessions: new Sessions(runners),
    files: new Files(runners),
    metrics: new CallCounts(METHODS),
  });
  log.info("server.ready", {
    listen: server.address,
    ...(server.healthPort === undefined ? {} : { health: server.healthPort }),
    backend: backend.name,
    version: VERSION,
    instance,
  });
  await adapters.listening?.();
  const working = Promise.all([runners.reconciler.run(), adapters.background?.(signal)]);
  log.info("server.stopping", { signal: await process.stop });
  stopping.abort(
    new GradError("grad_unavailable", "Cannot finish the call: grad is stopping", { hint: "Call again." }),
  );
  await Promise.race([working, clock.sleep(STOP_MS)]);
}
