/** Composition root of grad: environment, signals, adapters. */
import { systemClock } from "../shared/clock.ts";
import { forbidCoreFiles } from "../shared/core_files.ts";
import { ERROR_CODES } from "../shared/error_codes.ts";
import { GradError } from "../shared/errors.ts";
import { systemIds } from "../shared/ids.ts";
import { jsonLogger, type Level, type Logger } from "../shared/log.ts";
import { isOwnFolder } from "../shared/private_folder.ts";
import { systemProcesses } from "../shared/process.ts";
import { VERSION } from "../shared/version.ts";
import { unixUser } from "./auth/unix_user.ts";
import { type Config, parseConfig, USAGE, VARIABLES } from "./config/config.ts";
import { Diagnose } from "./diagnostics/diagnose.ts";
import { Executions } from "./executions/executions.ts";
import { Files } from "./files/files.ts";
import { limitRunners } from "./runners/limit_runners.ts";
import { localDiagnostics } from "./runners/local/diagnostics.ts";
import { localBackend } from "./runners/local/local_backend.ts";
import { fileStore } from "./runners/local/file_store.ts";
import { runnerUsers } from "./runners/local/runner_users.ts";
import { LOCAL_IDLE_LIMITS } from "./runners/idle.ts";
import { dropClaims } from "./runners/reconciler.ts";
import { RunnerService } from "./runners/service.ts";
import { agentClient } from "./agent/grpc/agent_client.ts";
import { dataClient } from "./agent/grpc/data_client.ts";
import { serve } from "./listen/server.ts";
import { claimStateFolder } from "./listen/state_folder.ts";
import { METHODS } from "./rpc/middleware/methods.ts";
import { Sessions } from "./sessions/sessions.ts";
import { CallCounts } from "./telemetry/call_metrics.ts";

/** How long ending waits for claims to be given back. What is not by then runs out by itself. */
const STOP_MS = 2_000;

function logger(level: Level): Logger {
  return jsonLogger((line) => console.error(line), { now: systemClock.now, level });
}

async function run(config: Config, uid: number): Promise<void> {
  const clock = systemClock;
  const log = logger(config.logLevel);
  const stop = new Promise<string>((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, () => resolve(name));
  });

  const { stateDir, python, sandboxed, path, environments, maxRunners, maxCalls } = config;
  const instance = `${Deno.pid}-${systemIds.random(8)}`;
  if (!await forbidCoreFiles(systemProcesses, Deno.pid)) {
    log.warn("server.core_files_allowed", { hint: "Install util-linux, or run `ulimit -c 0` before grad." });
  }
  using claim = await claimStateFolder({ ...config, uid, instance, version: VERSION, now: clock.now });
  const { socket, runtimeDir } = claim;
  const folders = { state: stateDir, runtime: runtimeDir };
  const connect = (at: { agent: string; data: string }) => ({
    agent: agentClient(at.agent),
    data: dataClient(at.data),
  });
  const local = {
    folders,
    python,
    sandboxed,
    sessionIdleSeconds: config.sessionIdleSeconds,
    path,
    protectedFolders: { own: [stateDir, runtimeDir, ...config.clientDirs], home: config.homeDir },
    users: uid === 0 ? runnerUsers(folders) : undefined,
    processes: systemProcesses,
    clock,
    log,
    connect,
  };
  const backend = localBackend(local);
  const store = limitRunners(fileStore(folders, systemIds), maxRunners);
  const stopping = new AbortController();
  const runners = new RunnerService({
    store,
    backend,
    environments,
    idle: LOCAL_IDLE_LIMITS,
    clock,
    ids: systemIds,
    log,
    instance,
    stopping: stopping.signal,
  });

  const system = { backend: backend.name, environments: runners.environments, instance };
  const useCases = {
    system,
    diagnose: new Diagnose(localDiagnostics(local), clock),
    runners,
    executions: new Executions(runners, clock),
    sessions: new Sessions(runners),
    files: new Files(runners),
  };
  const now = () => performance.now();
  await using _server = await serve(socket, {
    ...useCases,
    clock,
    authenticator: unixUser,
    probe: () => store.list(),
    metrics: new CallCounts(METHODS),
    ids: systemIds,
    log,
    now,
    maxCalls,
  });
  log.info("server.ready", {
    listen: `unix:${socket}`,
    backend: backend.name,
    version: VERSION,
    instance,
    sandboxed,
  });
  // The lock of the state folder says that no other instance is there to hold a claim.
  await dropClaims(store);
  const reconciling = runners.reconciler.run();
  log.info("server.stopping", { signal: await stop });
  stopping.abort(
    new GradError("grad_unavailable", "Cannot finish the call: grad is stopping", { hint: "Call again." }),
  );
  await Promise.race([reconciling, clock.sleep(STOP_MS)]);
}

/** The subcommand that keeps the certificates of a deployment; it ends the process. */
async function certificates(args: readonly string[]): Promise<never> {
  const { parseCertificatesCommand, runCertificates } = await import(
    "./runners/kubernetes/deployment/certificates_command.ts"
  );
  const stopping = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, () => stopping.abort());
  const dependencies = { clock: systemClock, log: logger("info") };
  await runCertificates(parseCertificatesCommand(args), dependencies, stopping.signal);
  Deno.exit(0);
}

try {
  const { total: memoryBytes } = Deno.systemMemoryInfo();
  const set = VARIABLES.map((name) => [name, Deno.env.get(name)]).filter(([, value]) => value !== undefined);
  const env: Record<string, string> = Object.fromEntries(set);
  const uid = Deno.uid() ?? 0;
  const cores = navigator.hardwareConcurrency;
  const ownsXdgRuntimeDir = isOwnFolder(env.XDG_RUNTIME_DIR, uid);
  const machine = { cores, memoryBytes, uid, ownsXdgRuntimeDir };
  if (Deno.args[0] === "certificates") await certificates(Deno.args.slice(1));
  const config = parseConfig(Deno.args, env, machine);
  if (config.command === "help") console.log(USAGE);
  else if (config.command === "version") console.log(`grad ${VERSION}`);
  else await run(config, uid);
  Deno.exit(0);
} catch (thrown) {
  if (!(thrown instanceof GradError)) throw thrown;
  const { code, message, hint } = thrown;
  if (code === "usage") console.error(`error: ${message}\nhint: ${hint}`);
  else logger("error").error("server.failed", thrown, { code, hint });
  Deno.exit(ERROR_CODES[code].exit);
}
