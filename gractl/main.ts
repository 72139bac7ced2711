import { join } from "node:path";
import process from "node:process";
import type { Writable } from "node:stream";
import { systemClock } from "../shared/clock.ts";
import { emptyCoreFiles, forbidCoreFiles } from "../shared/core_files.ts";
import type { ExitCode } from "../shared/error_codes.ts";
import { GradError } from "../shared/errors.ts";
import { systemIds } from "../shared/ids.ts";
import { clientStateFolder, configFolder } from "../shared/local_paths.ts";
import { systemProcesses } from "../shared/process.ts";
import type { Context } from "./auth/context.ts";
import { systemKubectl } from "./auth/kubectl.ts";
import type { ServerOfContext } from "./auth/network_server.ts";
import { gradOfWorkspace } from "./auth/grad_of_workspace.ts";
import { run } from "./cli.ts";
import type { GradClient } from "./client/grad_client.ts";
import { dialChecked } from "./client/check_socket.ts";
import { firstConnection } from "./client/first_connection.ts";
import { reconnecting } from "./client/reconnecting.ts";
import { type GivenOptions, globalOptions, outputOptions } from "./commands/global_options.ts";
import type { Deps } from "./deps.ts";
import { readAll } from "./file/read_all.ts";
import { foldersOf } from "./local_grad/folders.ts";
import { locateGrad } from "./local_grad/locate.ts";
import { placeRule } from "./local_grad/runner_places.ts";
import { systemLocalGrad } from "./local_grad/system_local_grad.ts";
import type { TokenSource } from "./client/token_source.ts";
import { createOutput, type Sink } from "./ui/output.ts";
import { readLine } from "./ui/read_line.ts";
import { agentCaller } from "./workspace/trust/agent_caller.ts";
import { requireTrusted } from "./workspace/trust/require_trusted.ts";
import { createTrust, type Trust } from "./workspace/trust/trust.ts";
import { fileTrustStore } from "./workspace/trust/trust_store.ts";

/** How long a call is repeated while grad does not respond. */
const PATIENCE_MS = 30_000;
/** How long a command may take to end after SIGTERM or Ctrl-C. */
const END_MS = 10_000;

const env = Deno.env.toObject();
const uid = Deno.uid() ?? 0;
const isFile = (path: string) => Deno.stat(path).then((stat) => stat.isFile, () => false);

function sink(stream: typeof Deno.stdout | typeof Deno.stderr, nodeStream: () => Writable): Sink {
  return {
    stream: nodeStream,
    isTerminal: () => stream.isTerminal(),
    columns: () => Deno.consoleSize().columns,
    writeSync: (bytes) => stream.writeSync(bytes),
    write: (bytes) => stream.write(bytes),
  };
}
const out = createOutput({
  stdout: sink(Deno.stdout, () => process.stdout),
  stderr: sink(Deno.stderr, () => process.stderr),
});

let given: GivenOptions = {};
function configure(options: GivenOptions): void {
  given = options;
  out.configure(outputOptions(options));
}

const stop = new AbortController();
const interruptHandlers: (() => void)[] = [];
let handlesSignals = false;

/**
 * The signal that Ctrl-C and SIGTERM abort. They are handled from the first call on, when something begins that can be cancelled. Until
 * then they end gractl at once, as they end every program: a handler would not run while a file is parsed.
 */
function cancelled(): AbortSignal {
  if (handlesSignals) return stop.signal;
  handlesSignals = true;
  // Deno's first listener makes it handle SIGHUP, too, also where nohup has it ignored.
  if (hangUpIsIgnored()) Deno.addSignalListener("SIGHUP", () => {});
  Deno.addSignalListener("SIGINT", () => {
    const handler = interruptHandlers.at(-1);
    if (handler !== undefined) return handler();
    end("Cancelled by Ctrl-C");
  });
  Deno.addSignalListener("SIGTERM", () => end("Ended by SIGTERM"));
  return stop.signal;
}

/** Whether nohup, or a shell, started gractl so that the end of its terminal does not end it. Only Linux tells. */
function hangUpIsIgnored(): boolean {
  try {
    const [, mask = "0"] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(Deno.readTextFileSync("/proc/self/status")) ?? [];
    return (BigInt(`0x${mask}`) & 1n) === 1n;
  } catch {
    return false;
  }
}

/** Ends the command; a second signal, or a command that takes long to end, ends the program. */
function end(why: string): void {
  if (stop.signal.aborted) Deno.exit(130);
  stop.abort(new GradError("cancelled", why));
  Deno.unrefTimer(setTimeout(() => Deno.exit(130), END_MS));
}

/** Connects to a unix socket. `ownGrad`: its path comes from the record in the state folder. */
async function dial(
  address: string,
  { ownGrad, signal }: { ownGrad: boolean; signal: AbortSignal },
): Promise<GradClient> {
  const { dialGrad } = await import("./client/grpc_client.ts");
  return await dialChecked(
    address.slice("unix:".length),
    { uid, folderFault: placeRule(env, uid, { ownGrad }) },
    (checked) => dialGrad(checked, { clock: systemClock, signal }),
  );
}

/** Connects to the grad of a context. */
async function dialContext(context: Context, signal: AbortSignal): Promise<GradClient> {
  const { address } = context;
  if (address.kind === "unix") return await dial(`unix:${address.path}`, { ownGrad: false, signal });
  const { networkServer } = await import("./auth/network_server.ts");
  const server = await networkServer({ ...context, address });
  return await dialNetwork(server, await deps.tokens(context), signal);
}

async function dialNetwork(server: ServerOfContext, tokens: TokenSource, signal: AbortSignal) {
  const { dialNetworkGrad } = await import("./client/grpc_client.ts");
  return await dialNetworkGrad(server, { tokens, clock: systemClock, signal });
}

emptyCoreFiles();
// The launcher script has done so before it started this program; an executable does it itself, beside its own start.
const coreFiles = Deno.build.standalone ? forbidCoreFiles(systemProcesses, Deno.pid) : undefined;

const fromSource = import.meta.url.endsWith("/gractl/main.ts");
const deps: Deps = {
  env,
  cwd: Deno.cwd(),
  uid,
  clock: systemClock,
  ids: systemIds,
  out,
  get signal() {
    return cancelled();
  },
  options: () => globalOptions(given, env),
  workspace: () => workspace ??= openGivenWorkspace(),
  trustedWorkspace: () => trusted ??= openTrusted(),
  trust: () => trust ??= systemTrust(),
  async target(where) {
    const name = deps.options().context ?? await gradOfWorkspace(deps, where);
    const { targetNamed } = await import("./auth/target.ts");
    return await targetNamed(name, { env, uid });
  },
  async tokens(context) {
    const { contextTokens } = await import("./auth/context_tokens.ts");
    const named = deps.options().context === context.name;
    const kubectl = deps.kubectl();
    return contextTokens(context, { env, uid, clock: systemClock, ids: systemIds, kubectl, named });
  },
  kubectl: () => systemKubectl({ processes: systemProcesses, env }),
  dialNetwork: (server, tokens) => dialNetwork(server, tokens, cancelled()),
  localGrad: () =>
    systemLocalGrad({
      folders: foldersOf(env, uid),
      uid,
      clock: systemClock,
      processes: systemProcesses,
      env,
      kill(pid, signal) {
        try {
          Deno.kill(pid, signal);
        } catch (thrown) {
          // The process has just ended.
          if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
        }
      },
      locate: () =>
        locateGrad({
          env,
          cwd: deps.cwd,
          executable: Deno.execPath(),
          source: fromSource ? new URL("../grad/main.ts", import.meta.url).pathname : undefined,
          isFile,
        }),
      dial: (address, signal) => dial(address, { ownGrad: true, signal }),
      onStarted: () => out.interactive && out.note(out.errorStyle.dim("Started grad.")),
    }),
  async connect(where) {
    await coreFiles;
    const { context } = await deps.target(where);
    const connect = (signal: AbortSignal) =>
      context === undefined ? deps.localGrad().connect(signal) : dialContext(context, signal);
    const options = {
      clock: systemClock,
      patienceMs: PATIENCE_MS,
      onLost: () => out.note("grad does not respond; trying again"),
    };
    const signal = cancelled();
    // A local grad is started, and waited for, where it does not run.
    const first = context === undefined
      ? await connect(signal)
      : await firstConnection(connect, { ...options, signal });
    return reconnecting(first, { ...options, dial: connect });
  },
  onInterrupt(handler) {
    cancelled();
    interruptHandlers.push(handler);
    return { [Symbol.dispose]: () => void interruptHandlers.splice(interruptHandlers.indexOf(handler), 1) };
  },
  stdinIsPiped: () => !Deno.stdin.isTerminal(),
  readStdin: (maxBytes) =>
    readAll(Deno.stdin.readable, { maxBytes, what: "standard input", signal: cancelled() }),
  ask: (question) => ask(question),
  endWith: (code) => exit = code,
};

/** The workspace is read once: commands ask for it several times. */
let workspace: ReturnType<Deps["workspace"]> | undefined;
async function openGivenWorkspace() {
  const { openWorkspace } = await import("./workspace/workspace.ts");
  const { ownersFor } = await import("./workspace/ownership.ts");
  const { workspace: explicit } = deps.options();
  return await openWorkspace({ cwd: deps.cwd, explicit, home: env["HOME"], owners: ownersFor(uid, env) });
}

/** It is asked once: the grad and the runner of one command need it, too. */
let trusted: ReturnType<Deps["trustedWorkspace"]> | undefined;
async function openTrusted() {
  const found = await deps.workspace();
  await requireTrusted(found, { trust: deps.trust(), grad: deps.options().context === undefined });
  return found;
}

let trust: Trust | undefined;
function systemTrust(): Trust {
  const state = clientStateFolder(env);
  return createTrust({
    store: fileTrustStore({ folder: join(state, "trust"), uid, ids: systemIds }),
    ownFolders: [state, configFolder(env)],
    agent: agentCaller(env),
    explicit: () => deps.options().workspace !== undefined,
  });
}

/** Reads one line of the terminal, only if a person sees the question. */
async function ask(question: string): Promise<string | undefined> {
  if (!Deno.stdin.isTerminal() || !out.interactive) return undefined;
  out.question(question);
  return await readLine(Deno.stdin.readable, cancelled());
}

let exit: ExitCode | 0 = 0;
const failed = await run(Deno.args, deps, configure);
Deno.exit(failed || exit);
