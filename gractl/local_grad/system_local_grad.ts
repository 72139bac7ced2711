import { GradError } from "../../shared/errors.ts";
import { stateFiles } from "../../shared/grad_record.ts";
import { makePrivateFolder } from "../../shared/make_private_folder.ts";
import type { Processes } from "../../shared/process.ts";
import { processId } from "../../shared/process_stat.ts";
import type { GradInfo } from "../client/grad_client.ts";
import type { Folders } from "./folders.ts";
import type { LocalGrad, LocalGradStatus } from "./local_grad.ts";
import type { GradCommand } from "./locate.ts";
import { logTail, sizeOf } from "./log_tail.ts";
import { POLL_MS, RecordedGrad, type RecordedGradOptions } from "./recorded_grad.ts";

export type LocalGradOptions =
  & Omit<RecordedGradOptions, "stateDir" | "processes">
  & Readonly<{
    folders: Folders;
    processes: Processes;
    /** Of this program; grad inherits it, without AWS_*. */
    env: Readonly<Record<string, string>>;
    locate(): Promise<GradCommand>;
    /** Called when `connect` had to start grad. */
    onStarted(): void;
  }>;

/** How long a grad that was started may take until it answers. */
const START_MS = 20_000;
/** How long another grad that is starting or stopping may take until it answers or has ended. */
const SETTLE_MS = 10_000;
/** A log over this is renamed to grad.log.old before grad starts, and replaces the one before it. */
const MAX_LOG_BYTES = 10 * 2 ** 20;

/** The local grad as a process of this machine. */
export function systemLocalGrad(options: LocalGradOptions): LocalGrad {
  const { clock, processes } = options;
  const { stateDir, defaultAddress } = options.folders;
  const files = stateFiles(stateDir);
  const grad = new RecordedGrad({ ...options, stateDir });

  /** What the grad that runs answers about itself. A version that does not fit is an error, not "none runs". */
  async function ask(signal: AbortSignal): Promise<GradInfo | undefined> {
    await using client = await grad.dialIfRunning(signal);
    return client?.info;
  }

  async function describe(info: GradInfo | undefined): Promise<LocalGradStatus> {
    const record = await grad.record();
    const address = record === undefined ? defaultAddress : `unix:${record.socket}`;
    const running = info !== undefined;
    return {
      running,
      address,
      stateDir,
      logFile: files.log,
      pid: running ? record?.process.pid : undefined,
      info,
    };
  }

  /** Waits for a grad that is just starting or stopping. One that runs without a socket is ended: nobody can reach it. */
  async function settle(signal: AbortSignal): Promise<GradInfo | undefined> {
    for (const until = clock.now() + SETTLE_MS; clock.now() < until;) {
      const info = await ask(signal);
      if (info !== undefined || await grad.runningProcess() === undefined) return info;
      await clock.sleep(POLL_MS, signal);
    }
    const record = await grad.record();
    // A logout deletes XDG_RUNTIME_DIR with the socket in it.
    if (record !== undefined && !await exists(record.socket)) await grad.stop(signal);
    return undefined;
  }

  async function launch(unsafeNoSandbox: boolean, signal: AbortSignal): Promise<GradInfo> {
    let logged = await sizeOf(files.log);
    if (logged > MAX_LOG_BYTES) {
      await Deno.rename(files.log, `${files.log}.old`);
      logged = 0;
    }
    const flags = unsafeNoSandbox ? ["--unsafe-no-sandbox"] : [];
    const command = [...await options.locate(), "serve", "--backend", "local", ...flags];
    const env = { ...withoutKeys(options.env), GRAD_STATE_DIR: stateDir };
    const pid = await processes.startDetached(command, { log: files.log, env });

    const until = clock.now() + START_MS;
    let child = await processId(pid, grad.readStat);
    for (;;) {
      const info = await ask(signal);
      if (info !== undefined) return info;
      child = child && await grad.isAlive(child) ? child : undefined;
      // Where somebody else started a grad at the same time, ours has ended and theirs will answer.
      const somebody = child ?? await grad.runningProcess();
      if (somebody === undefined || clock.now() >= until) break;
      await clock.sleep(POLL_MS, signal);
    }
    if (child !== undefined) options.kill(child.pid, "SIGTERM");
    const how = child !== undefined ? `it did not answer in ${START_MS / 1_000} s` : "it ended by itself";
    const tail = await logTail(files.log, { offset: logged, lines: 8 });
    throw new GradError("grad_unavailable", `Cannot start grad: ${how}${tail === "" ? "" : `\n${tail}`}`, {
      hint: `\`gractl doctor\` looks for the cause; the whole log is ${files.log}.`,
    });
  }

  return {
    async connect(signal) {
      const running = await grad.dialIfRunning(signal);
      if (running !== undefined) return running;
      const { started } = await this.start({ unsafeNoSandbox: false }, signal);
      if (started) options.onStarted();
      return await grad.dial(signal);
    },
    async start({ unsafeNoSandbox }, signal) {
      const running = await ask(signal);
      if (running !== undefined) return { ...await describe(running), started: false };
      makePrivateFolder({
        path: stateDir,
        uid: options.uid,
        what: "state folder",
        variable: "GRAD_STATE_DIR",
        followLink: true,
      });
      // Two gractl at once: the second waits here and then finds the grad of the first.
      using lock = await Deno.open(files.startLock, { create: true, write: true, mode: 0o600 });
      await lock.lock(true);
      const meanwhile = await settle(signal);
      if (meanwhile !== undefined) return { ...await describe(meanwhile), started: false };
      return { ...await describe(await launch(unsafeNoSandbox, signal)), started: true };
    },
    async status(signal) {
      return await describe(await ask(signal));
    },
    // By its process: a grad whose version no longer fits, or that does not answer, can be stopped as well.
    stop: async (signal) => ({ stopped: await grad.stop(signal) }),
  };
}

function exists(path: string): Promise<boolean> {
  return Deno.lstat(path).then(() => true, () => false);
}

/** grad outlives this command: it must not keep the keys and the token of whoever started it. Keys come with the calls that need them. */
function withoutKeys(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith("AWS_") && name !== "GRACTL_TOKEN"),
  );
}
