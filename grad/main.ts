/** Entry of grad: command line, environment, signals. The composition roots of the backends are serve_local.ts and serve_kubernetes.ts. */
import { systemClock } from "../shared/clock.ts";
import { emptyCoreFiles, forbidCoreFiles } from "../shared/core_files.ts";
import { ERROR_CODES } from "../shared/error_codes.ts";
import { GradError } from "../shared/errors.ts";
import { systemIds } from "../shared/ids.ts";
import { jsonLogger, type Level, type Logger } from "../shared/log.ts";
import { isOwnFolder } from "../shared/private_folder.ts";
import { systemProcesses } from "../shared/process.ts";
import { VERSION } from "../shared/version.ts";
import { CERTIFICATES, parseConfig, type ServeConfig, USAGE, VARIABLES } from "./config/config.ts";
import type { ThisProcess } from "./run_server.ts";
import { serveLocal } from "./serve_local.ts";

function logger(level: Level): Logger {
  return jsonLogger((line) => console.error(line), { now: systemClock.now, level });
}

async function run(config: ServeConfig, uid: number): Promise<void> {
  const log = logger(config.logLevel);
  const stop = new Promise<string>((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, () => resolve(name));
  });
  const process: ThisProcess = {
    clock: systemClock,
    ids: systemIds,
    log,
    instance: `${Deno.pid}-${systemIds.random(8)}`,
    now: () => performance.now(),
    stop,
  };
  // The first holds in an image without programs, too; the second leaves no file at all.
  if (!await forbidCoreFiles(systemProcesses, Deno.pid) && !hasEmptyCoreFiles) {
    log.warn("server.core_files_allowed", { hint: "Install util-linux, or run `ulimit -c 0` before grad." });
  }
  if (config.backend === "local") return await serveLocal(config, uid, process);
  // The Kubernetes client is large: the local backend starts without it.
  const { serveKubernetes } = await import("./serve_kubernetes.ts");
  await serveKubernetes(config, process);
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

// Before any key is read.
const hasEmptyCoreFiles = emptyCoreFiles();
try {
  const { total: memoryBytes } = Deno.systemMemoryInfo();
  const set = VARIABLES.map((name) => [name, Deno.env.get(name)]).filter(([, value]) => value !== undefined);
  const env: Record<string, string> = Object.fromEntries(set);
  const uid = Deno.uid() ?? 0;
  const cores = navigator.hardwareConcurrency;
  const ownsXdgRuntimeDir = isOwnFolder(env.XDG_RUNTIME_DIR, uid);
  const machine = { cores, memoryBytes, uid, ownsXdgRuntimeDir };
  if (Deno.args[0] === CERTIFICATES) await certificates(Deno.args.slice(1));
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
