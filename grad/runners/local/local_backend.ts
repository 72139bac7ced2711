import { existsSync } from "node:fs";
import type { Clock } from "../../../shared/clock.ts";
import { GradError } from "../../../shared/errors.ts";
import type { Logger } from "../../../shared/log.ts";
import type { Processes } from "../../../shared/process.ts";
import { ABSENT, type Components, type Observation, type RunnerBackend } from "../backend.ts";
import { type RunnerRecord, TOMBSTONE_MS } from "../runner.ts";
import { RUNNER_ID } from "../names.ts";
import { withFileLock } from "./file_lock.ts";
import { initStatus, stopInit } from "./init_client.ts";
import { type LocalFolders, lockPath, type RunnerPaths, runnerPaths, runnersFolder } from "./paths.ts";
import { initPlan } from "./plan.ts";
import { probeSandbox } from "./probe.ts";
import { childrenOf, isAlive, kill, type ProcessId, processId } from "../../../shared/process_stat.ts";
import { findPython } from "./python.ts";
import type { RunnerUsers } from "./runner_users.ts";
import { refusalOf, startArgv, trialArgv } from "./start_argv.ts";
import { trustedEnv } from "./component_env.ts";
import { allowedCores } from "./cpu_share.ts";
import type { ProtectedFolders } from "./components.ts";
import { CLOSED_FILES } from "./sandbox_argv.ts";
import { foldersIn, lastLines, makeFolders, removeFolder, tail } from "./runner_folders.ts";

/** Components whose connections can be closed. */
type ClosableComponents = Readonly<
  { [Component in keyof Components]: Components[Component] & { close(): void } }
>;

export type LocalOptions = Readonly<{
  folders: LocalFolders;
  /** bin/python of the runners' environment. */
  python: string;
  sandboxed: boolean;
  /** A session's kernel ends after so long without use; 0 for never. */
  sessionIdleSeconds: number;
  /** Search path for bwrap, unshare and s3fs: grad's PATH. */
  path: string;
  protectedFolders: ProtectedFolders;
  /** The users that runners run as where root runs grad; absent for a plain user, whose runners run as that user. */
  users?: RunnerUsers | undefined;
  processes: Processes;
  clock: Clock;
  log: Logger;
  /** Ways to talk to components that listen at "unix:/path". */
  connect: (addresses: Readonly<{ agent: string; data: string }>) => ClosableComponents;
}>;

const ANSWER_MS = 2_000;
const INIT_START_MS = 15_000;
const GRACE_MS = 3_000;
/** Three components with their grace period each, and the unmounts, in milliseconds. */
const STOP_MS = 15_000;
const DEATH_MS = 10_000;
const POLL_MS = 10;
/** Interval at which all inits are polled, in milliseconds. */
const WATCH_MS = 15_000;
/** A component that has been restarted this often without staying up is reported as failing. */
const HOPELESS_RESTARTS = 4;

/**
 * Runs each runner as a init process in namespaces of its own, with the components below it. It outlives grad; a new grad finds it by
 * its socket.
 */
export function localBackend(options: LocalOptions): RunnerBackend {
  const { folders, users, path, processes, clock, log } = options;
  const connected = new Map<string, ClosableComponents>();
  let probed: Promise<void> | undefined;

  const health = (id: string) => initStatus(runnerPaths(folders, id).initSocket, id, ANSWER_MS);
  /** Whether the init's process exists: on a busy machine it may only be too slow to answer. */
  const isInitAlive = async (id: string) => {
    const init = await recordedInit(runnerPaths(folders, id));
    return init !== undefined && await isAlive(init);
  };
  const logs = (id: string, component: string) => tail(runnerPaths(folders, id).log(component));

  function hangUp(id: string): void {
    const components = connected.get(id);
    connected.delete(id);
    components?.agent.close();
    components?.data.close();
  }

  async function apply(record: RunnerRecord, signal: AbortSignal): Promise<void> {
    const { id, spec } = record;
    const { sandboxed, sessionIdleSeconds, protectedFolders } = options;
    const python = await findPython(options.python);
    const uid = await users?.of(id);
    if (sandboxed) {
      probed ??= probeSandbox(processes, {
        start: trialArgv({ python, uid, scratch: folders.runtime }),
        path,
      });
      await probed.catch((refused) => (probed = undefined, Promise.reject(refused)));
    }
    await withFileLock(lockPath(folders, id), async () => {
      signal.throwIfAborted();
      for (const endsAt = clock.now() + INIT_START_MS;;) {
        if (await health(id) !== undefined) return;
        if (!await isInitAlive(id) || clock.now() > endsAt) break;
        await clock.sleep(POLL_MS, signal);
      }
      const paths = runnerPaths(folders, id);
      const cores = allowedCores(await Deno.readTextFile("/proc/self/status"));
      hangUp(id);
      await end(paths);
      await makeFolders(paths, { isRoot: uid !== undefined });
      signal.throwIfAborted();
      const closedFiles = CLOSED_FILES.filter((file) => existsSync(file));
      const plan = initPlan({
        id,
        paths,
        python,
        spec,
        closedFiles,
        protectedFolders,
        sandboxed,
        sessionIdleSeconds,
        cores,
        path,
        uid,
      });
      await Deno.writeTextFile(paths.plan, JSON.stringify(plan), { mode: 0o600 });
      const start = startArgv({ python, uid, scratch: paths.runtime, paths });
      const argv = [...start, python.interpreter, "-m", "grad_runner.init", paths.plan];
      const env = trustedEnv({ venv: python.venv, home: paths.folder, path });
      const init = await processId(await processes.startDetached(argv, { env, log: paths.log("init") }));
      if (init !== undefined) {
        await Deno.writeTextFile(paths.initPid, JSON.stringify(init), { mode: 0o600 });
      }
      await initUp(record, { paths, init, signal });
      log.info("init.started", { runner: id, pid: init?.pid });
    });
  }

  async function initUp(
    record: RunnerRecord,
    { paths, init, signal }: { paths: RunnerPaths; init: ProcessId | undefined; signal: AbortSignal },
  ): Promise<void> {
    const endsAt = clock.now() + INIT_START_MS;
    while (await health(record.id) === undefined) {
      const gone = init === undefined || !await isAlive(init);
      if (gone || clock.now() > endsAt) {
        throw notStarted(record, paths, await tail(paths.log("init")));
      }
      await clock.sleep(POLL_MS, signal);
    }
  }

  async function observe(id: string): Promise<Observation> {
    const components = await health(id);
    if (components === undefined) return await isInitAlive(id) ? { ...ABSENT, state: "starting" } : ABSENT;
    const failing = components.find((one) => !one.alive && one.restarts >= HOPELESS_RESTARTS);
    const progress = components.map(({ name, alive, restarts }) => `${name} ${alive} ${restarts}`).join(", ");
    const observed = { stage: "waiting_for_kernels", image: "", progress } as const;
    if (failing === undefined) return { ...observed, state: "running", reason: "none", message: "" };
    const log = await logs(id, failing.name);
    const message = `its ${failing.name} component ends again and again (${failing.lastExit})`;
    return {
      ...observed,
      state: "failing",
      reason: "component_failing",
      message: log === "" ? message : `${message}: ${log}`,
    };
  }

  /** The system does not report the end of an init that was killed, so inits are polled. */
  async function* watch(signal: AbortSignal): AsyncGenerator<string> {
    const before = new Map<string, string>();
    while (!signal.aborted) {
      for (const id of await foldersIn(runnersFolder(folders))) {
        const { state } = await observe(id);
        if ((before.get(id) ?? state) !== state) yield id;
        before.set(id, state);
      }
      await clock.sleep(WATCH_MS, signal).catch(() => {});
    }
  }

  /** Ends an init and everything in its namespaces, by asking and then by force. */
  async function end(paths: RunnerPaths): Promise<void> {
    await stopInit(paths.initSocket, GRACE_MS, STOP_MS);
    const init = await recordedInit(paths);
    if (init !== undefined) {
      const asked = clock.now();
      // A init that answered needs a moment to end; one that did not is not waited for.
      while (await isAlive(init) && clock.now() - asked < 200) await clock.sleep(POLL_MS);
      // `unshare`, which is recorded, can end before its child, the init; and the init ends last in its namespace.
      const all = [init, ...await childrenOf(init)];
      await kill(init);
      while ((await Promise.all(all.map((one) => isAlive(one)))).includes(true)) {
        if (clock.now() - asked > DEATH_MS) {
          throw new GradError(
            "runner_unavailable",
            `Cannot end process ${init.pid} of the runner: it survives SIGKILL`,
            {
              hint: "A mount whose server hangs may hold it; try again when that server answers.",
            },
          );
        }
        await clock.sleep(POLL_MS);
      }
    }
    await Deno.remove(paths.initPid).catch(() => {});
    await removeFolder(paths.runtime, processes);
    // What kernels have left: the next start begins without it.
    await removeFolder(paths.kernelFiles, processes);
  }

  return {
    name: "local",
    components: ["agent", "kernel", "data", "init"],
    pollMs: 20,
    // After a restart of the laptop, nothing should start by itself.
    recreatesLost: false,
    apply,
    observe,
    watch,
    connect({ id }) {
      const known = connected.get(id);
      if (known !== undefined) return Promise.resolve(known);
      const { agentSocket, dataSocket } = runnerPaths(folders, id);
      const components = options.connect({ agent: `unix:${agentSocket}`, data: `unix:${dataSocket}` });
      connected.set(id, components);
      return Promise.resolve(components);
    },
    stop(id) {
      // Before the components end: their GOAWAY frame would kill this process on Deno 2.9 (denoland/deno#36788).
      hangUp(id);
      return withFileLock(lockPath(folders, id), () => end(runnerPaths(folders, id)));
    },
    deleteVolume: (id) => removeFolder(runnerPaths(folders, id).folder, processes),
    async inventory() {
      return (await foldersIn(runnersFolder(folders))).filter((name) => RUNNER_ID.test(name));
    },
    removeOrphan(id, isOrphan) {
      const paths = runnerPaths(folders, id);
      // A start holds the same lock, and its record is there before.
      return withFileLock(lockPath(folders, id), async () => {
        if (!await isOrphan()) return;
        const { mtime } = await Deno.stat(paths.folder);
        const isRunning = await recordedInit(paths) !== undefined;
        // A record may be gone by mistake, and files cannot be made again: they stay as long as a tombstone would.
        const isOld = clock.now() - (mtime?.getTime() ?? clock.now()) > TOMBSTONE_MS;
        if (!isRunning && !isOld) return;
        log.warn("runner.orphan", { runner: id, isRunning, isOld });
        hangUp(id);
        await end(paths);
        if (isOld) await removeFolder(paths.folder, processes);
      });
    },
    logs,
    async readLogs(id, component, maxLines) {
      const text = await lastLines(runnerPaths(folders, id).log(component), maxLines);
      return text === undefined ? [] : [{ component, text, previous: false }];
    },
  };
}

function notStarted({ ref }: RunnerRecord, paths: RunnerPaths, words: string): GradError {
  const refusal = refusalOf(words);
  return new GradError(
    "runner_failed",
    `Cannot start the init of the runner "${ref.name}": ${refusal?.message ?? (words || "it says nothing")}`,
    { hint: refusal?.hint ?? `Its log is ${paths.log("init")}.` },
  );
}

async function recordedInit(paths: RunnerPaths): Promise<ProcessId | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(paths.initPid)) as ProcessId;
  } catch {
    return undefined;
  }
}
