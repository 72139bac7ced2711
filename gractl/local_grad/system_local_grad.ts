import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import type { Processes } from "../../shared/process.ts";
import type { GradClient, GradInfo } from "../client/grad_client.ts";
import { ensureRuntimeFolder, type Folders } from "./folders.ts";
import type { LocalGrad, LocalGradStatus } from "./local_grad.ts";
import type { GradCommand } from "./locate.ts";
import { logTail, sizeOf } from "./log_tail.ts";
import { readProcessRecord, startOf, writeProcessRecord } from "./process_record.ts";

export type LocalGradOptions = Readonly<{
  folders: Folders;
  uid: number;
  clock: Clock;
  processes: Processes;
  /** Of this program; grad inherits it, but for keys of S3. */
  env: Readonly<Record<string, string>>;
  kill(pid: number, signal: "SIGTERM" | "SIGKILL"): void;
  locate(): Promise<GradCommand>;
  /** Connects and shakes hands. @throws {GradError} `grad_unavailable` */
  dial(address: string, signal: AbortSignal): Promise<GradClient>;
  /** `connect` had to start it. */
  onStarted(): void;
}>;

/** How long a grad that was started may take until it answers. */
const START_MS = 20_000;
const LOOK_AGAIN_MS = 25;
/** How long grad may drain before it is ended. */
const STOP_MS = 10_000;
/** A log over this is begun anew, the old one kept once. */
const MAX_LOG_BYTES = 10 * 2 ** 20;

/** The local grad as a process of this machine. */
export function systemLocalGrad(options: LocalGradOptions): LocalGrad {
  const { folders, uid, clock, processes } = options;
  const address = `unix:${folders.socket}`;

  /** What the grad that listens says of itself. A version that does not fit is told, not taken for none. */
  async function ask(signal: AbortSignal): Promise<GradInfo | undefined> {
    try {
      await using client = await options.dial(address, signal);
      return client.info;
    } catch (thrown) {
      if (thrown instanceof GradError && thrown.code === "grad_unavailable") return undefined;
      throw thrown;
    }
  }

  async function pidOf(info: GradInfo | undefined): Promise<number | undefined> {
    const recorded = await readProcessRecord(folders.processFile, processes);
    if (recorded !== undefined) return recorded.pid;
    // A grad that somebody else started: its instance begins with its process id.
    const pid = Number(/^\d+/.exec(info?.instance ?? "")?.[0]);
    return pid > 1 ? pid : undefined;
  }

  async function describe(info: GradInfo | undefined): Promise<LocalGradStatus> {
    const { stateDir, logFile } = folders;
    const pid = info === undefined ? undefined : await pidOf(info);
    return { running: info !== undefined, address, stateDir, logFile, pid, info };
  }

  async function launch(unsafeNoSandbox: boolean, signal: AbortSignal): Promise<GradInfo> {
    await Deno.mkdir(folders.stateDir, { recursive: true, mode: 0o700 });
    let logged = await sizeOf(folders.logFile);
    if (logged > MAX_LOG_BYTES) {
      await Deno.rename(folders.logFile, `${folders.logFile}.old`);
      logged = 0;
    }
    const flags = unsafeNoSandbox ? ["--unsafe-no-sandbox"] : [];
    const command = [...await options.locate(), "serve", "--backend", "local", "--listen", address, ...flags];
    const pid = await processes.startDetached(command, {
      log: folders.logFile,
      env: {
        ...withoutKeys(options.env),
        GRAD_STATE_DIR: folders.stateDir,
        GRAD_RUNTIME_DIR: folders.runtimeDir,
      },
    });
    const startedAt = await startOf(pid, processes);
    if (startedAt !== undefined) await writeProcessRecord(folders.processFile, { pid, startedAt });

    const until = clock.now() + START_MS;
    let alive = true;
    while (alive && clock.now() < until) {
      const info = await ask(signal);
      if (info !== undefined) return info;
      alive = await startOf(pid, processes) !== undefined;
      await clock.sleep(LOOK_AGAIN_MS, signal);
    }
    if (alive) options.kill(pid, "SIGTERM");
    const how = alive ? `it did not answer in ${START_MS / 1_000} s` : "it ended by itself";
    const tail = await logTail(folders.logFile, { offset: logged, lines: 8 });
    throw new GradError("grad_unavailable", `Cannot start grad: ${how}${tail === "" ? "" : `\n${tail}`}`, {
      hint: `\`gractl doctor\` looks for the cause; the whole log is ${folders.logFile}.`,
    });
  }

  return {
    address,
    async connect(signal) {
      // Before anything is sent: keys of S3 go to whoever listens there.
      await ensureRuntimeFolder(folders.runtimeDir, uid);
      try {
        return await options.dial(address, signal);
      } catch (thrown) {
        if (!(thrown instanceof GradError) || thrown.code !== "grad_unavailable") throw thrown;
      }
      const { started } = await this.start({ unsafeNoSandbox: false }, signal);
      if (started) options.onStarted();
      return await options.dial(address, signal);
    },
    async start({ unsafeNoSandbox }, signal) {
      await ensureRuntimeFolder(folders.runtimeDir, uid);
      const running = await ask(signal);
      if (running !== undefined) return { ...await describe(running), started: false };
      // Two gractl at once: the second waits here and then finds the grad of the first.
      using lock = await Deno.open(folders.lockFile, { create: true, write: true, mode: 0o600 });
      await lock.lock(true);
      const meanwhile = await ask(signal);
      if (meanwhile !== undefined) return { ...await describe(meanwhile), started: false };
      return { ...await describe(await launch(unsafeNoSandbox, signal)), started: true };
    },
    async status(signal) {
      return await describe(await ask(signal));
    },
    async stop(signal) {
      // Also an old grad whose version no longer fits is to be stopped, and one that is stuck.
      const info = await ask(signal).catch(() => undefined);
      const pid = await pidOf(info);
      if (pid === undefined) return { stopped: false };
      const started = await startOf(pid, processes);
      if (started === undefined) return { stopped: false };
      const gone = async () => await startOf(pid, processes) !== started;
      for (const [how, waitMs] of [["SIGTERM", STOP_MS], ["SIGKILL", STOP_MS]] as const) {
        options.kill(pid, how);
        const until = clock.now() + waitMs;
        while (clock.now() < until) {
          if (await gone()) {
            await Deno.remove(folders.processFile).catch(() => {});
            return { stopped: true };
          }
          await clock.sleep(LOOK_AGAIN_MS, signal);
        }
      }
      throw new GradError("grad_unavailable", `Cannot stop grad: process ${pid} does not end`);
    },
  };
}

/** grad lives on: it is not to keep the keys of whoever happened to start it, which come with the calls that need them. */
function withoutKeys(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("AWS_")));
}
