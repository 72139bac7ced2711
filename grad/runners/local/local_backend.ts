import type { Clock } from "../../../shared/clock.ts";
import { GradError } from "../../../shared/errors.ts";
import type { Logger } from "../../../shared/log.ts";
import type { Processes } from "../../../shared/process.ts";
import type { Rooms, RunnerBackend } from "../backend.ts";
import type { RunnerRecord } from "../runner.ts";
import { withFileLock } from "./file_lock.ts";
import { keeperStatus, stopKeeper } from "./keeper_client.ts";
import { type LocalFolders, lockPath, type RunnerPaths, runnerPaths } from "./paths.ts";
import { keeperPlan, namespaceArgv, withoutDescriptors } from "./plan.ts";
import { probeSandbox } from "./probe.ts";
import { isAlive, kill, type ProcessId, processId } from "./process_stat.ts";
import { findPython } from "./python.ts";
import { trustedEnv } from "./room_env.ts";
import { makeFolders, removeFolder, tail } from "./runner_folders.ts";

/** Rooms whose connections can be closed. */
type ClosableRooms = Readonly<{ [Room in keyof Rooms]: Rooms[Room] & { close(): void } }>;

export type LocalOptions = Readonly<{
  folders: LocalFolders;
  /** bin/python of the runners' environment. */
  python: string;
  sandboxed: boolean;
  /** Where bwrap, unshare and s3fs are looked for: grad's PATH. */
  path: string;
  isRoot: boolean;
  processes: Processes;
  clock: Clock;
  log: Logger;
  /** Ways to talk to rooms that listen at "unix:/path". */
  connect: (addresses: Readonly<{ agent: string; data: string }>) => ClosableRooms;
}>;

const ANSWER_MS = 2_000;
const KEEPER_START_MS = 15_000;
const GRACE_MS = 3_000;
/** Three rooms with their grace each, and mounts that have to be let go. */
const STOP_MS = 15_000;
const DEATH_MS = 10_000;
const POLL_MS = 10;

/**
 * Runs each runner as a keeper process in namespaces of its own, with the rooms below it. It outlives grad; a new grad finds it by
 * its socket.
 */
export function localBackend(options: LocalOptions): RunnerBackend {
  const { folders, isRoot, path, processes, clock, log } = options;
  const connected = new Map<string, ClosableRooms>();
  let probed: Promise<void> | undefined;

  const inspect = (id: string) => keeperStatus(runnerPaths(folders, id).keeperSocket, id, ANSWER_MS);

  function hangUp(id: string): void {
    const rooms = connected.get(id);
    connected.delete(id);
    rooms?.agent.close();
    rooms?.data.close();
  }

  async function start(record: RunnerRecord): Promise<void> {
    const { id, spec } = record;
    const { sandboxed } = options;
    const python = await findPython(options.python);
    if (sandboxed) {
      probed ??= probeSandbox(processes, { isRoot, path });
      await probed.catch((refused) => (probed = undefined, Promise.reject(refused)));
    }
    await withFileLock(lockPath(folders, id), async () => {
      if (await inspect(id) !== undefined) return;
      const paths = runnerPaths(folders, id);
      hangUp(id);
      await end(paths);
      await makeFolders(paths, { sandboxed });
      await Deno.writeTextFile(
        paths.plan,
        JSON.stringify(keeperPlan({ id, paths, python, spec, sandboxed, path })),
        { mode: 0o600 },
      );
      const keeperArgv = [
        ...namespaceArgv(isRoot),
        python.interpreter,
        "-m",
        "grad_runner.local",
        paths.plan,
      ];
      const argv = withoutDescriptors(python.interpreter, keeperArgv);
      const env = trustedEnv({ venv: python.venv, home: paths.folder, path });
      const keeper = await processId(await processes.startDetached(argv, { env, log: paths.log("keeper") }));
      if (keeper !== undefined) {
        await Deno.writeTextFile(paths.keeperPid, JSON.stringify(keeper), { mode: 0o600 });
      }
      await keeperUp(record, paths, keeper);
      log.info("keeper.started", { runner: id, pid: keeper?.pid });
    });
  }

  async function keeperUp(
    record: RunnerRecord,
    paths: RunnerPaths,
    keeper: ProcessId | undefined,
  ): Promise<void> {
    const endsAt = clock.now() + KEEPER_START_MS;
    while (await inspect(record.id) === undefined) {
      const gone = keeper === undefined || !await isAlive(keeper);
      if (gone || clock.now() > endsAt) {
        const words = await tail(paths.log("keeper"));
        throw new GradError(
          "runner_failed",
          `Cannot start the keeper of the runner "${record.ref.name}": ${words || "it says nothing"}`,
          {
            hint: `Its log is ${paths.log("keeper")}.`,
          },
        );
      }
      await clock.sleep(POLL_MS);
    }
  }

  /** Ends a keeper and everything in its namespaces, by asking and then by force. */
  async function end(paths: RunnerPaths): Promise<void> {
    await stopKeeper(paths.keeperSocket, GRACE_MS, STOP_MS);
    const keeper = await recordedKeeper(paths);
    if (keeper !== undefined) {
      const asked = clock.now();
      // A keeper that answered needs a moment to end; one that did not is not waited for.
      while (await isAlive(keeper) && clock.now() - asked < 200) await clock.sleep(POLL_MS);
      await kill(keeper);
      while (await isAlive(keeper)) {
        if (clock.now() - asked > DEATH_MS) {
          throw new GradError(
            "runner_unavailable",
            `Cannot end process ${keeper.pid} of the runner: it survives SIGKILL`,
            {
              hint: "A mount whose server hangs may hold it; try again when that server answers.",
            },
          );
        }
        await clock.sleep(POLL_MS);
      }
    }
    await Deno.remove(paths.keeperPid).catch(() => {});
    await removeFolder(paths.runtime);
  }

  return {
    name: "local",
    start,
    inspect,
    rooms(id) {
      const known = connected.get(id);
      if (known !== undefined) return known;
      const { agentSocket, dataSocket } = runnerPaths(folders, id);
      const rooms = options.connect({ agent: `unix:${agentSocket}`, data: `unix:${dataSocket}` });
      connected.set(id, rooms);
      return rooms;
    },
    stop(id) {
      // Before the rooms end: their farewell (GOAWAY) would kill this process on Deno 2.9 (denoland/deno#36788).
      hangUp(id);
      return withFileLock(lockPath(folders, id), () => end(runnerPaths(folders, id)));
    },
    async deleteFiles(id) {
      const paths = runnerPaths(folders, id);
      for (const folder of [paths.volume, paths.cache, paths.logs, paths.accounts]) {
        await removeFolder(folder);
      }
    },
    lastWords: (id, room) => tail(runnerPaths(folders, id).log(room)),
  };
}

async function recordedKeeper(paths: RunnerPaths): Promise<ProcessId | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(paths.keeperPid)) as ProcessId;
  } catch {
    return undefined;
  }
}
