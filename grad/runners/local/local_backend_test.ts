import assert from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../../shared/clock.ts";
import { systemIds } from "../../../shared/ids.ts";
import { runnerPython } from "../../../shared/local_paths.ts";
import { silentLogger } from "../../../shared/log.ts";
import { systemProcesses } from "../../../shared/process.ts";
import { agentClient } from "../../agent/grpc/agent_client.ts";
import { dataClient } from "../../agent/grpc/data_client.ts";
import { backendContract, type World } from "../testing/backend_contract.ts";
import { localBackend } from "./local_backend.ts";
import { type RunnerPaths, runnerPaths, runnersFolder } from "./paths.ts";
import { runnerUsers } from "./runner_users.ts";
import { foldersIn } from "./runner_folders.ts";
import { isAlive, kill, type ProcessId } from "../../../shared/process_stat.ts";
import { TOMBSTONE_MS } from "../runner.ts";
import { aRecord } from "../testing/records.ts";
import { fileStore } from "./file_store.ts";

const PYTHON = runnerPython(Deno.env.toObject());
const PATH = Deno.env.get("PATH") ?? "/usr/bin:/bin";

type LocalWorld = World & {
  /** Suspends the init, so that it does not answer, until the result is called. */
  freezeInit(id: string): Promise<() => void>;
  paths(id: string): RunnerPaths;
};

/** Real inits and components on this machine, in folders of their own; what is left at the end is a failure. */
async function localWorld(sandboxed: boolean): Promise<LocalWorld> {
  const dir = await Deno.makeTempDir({ prefix: "gl-" });
  const folders = { state: join(dir, "state"), runtime: join(dir, "run") };
  await Deno.mkdir(folders.runtime, { mode: 0o700 });
  const channels: { close(): void }[] = [];
  const connect = (at: { agent: string; data: string }) => {
    const components = { agent: agentClient(at.agent), data: dataClient(at.data) };
    channels.push(components.agent, components.data);
    return components;
  };
  const grad = () => ({
    store: fileStore(folders, systemIds),
    backend: localBackend({
      folders,
      python: PYTHON,
      sandboxed,
      sessionIdleSeconds: 43_200,
      path: PATH,
      protectedFolders: { own: [folders.state, folders.runtime], home: "" },
      users: Deno.uid() === 0 ? runnerUsers(folders) : undefined,
      processes: systemProcesses,
      clock: systemClock,
      log: silentLogger,
      connect,
    }),
  });
  const initOf = async (id: string): Promise<ProcessId> =>
    JSON.parse(await Deno.readTextFile(runnerPaths(folders, id).initPid));
  return {
    grad,
    async crash(id) {
      const init = await initOf(id);
      await kill(init);
      while (await isAlive(init)) await systemClock.sleep(5);
    },
    paths: (id) => runnerPaths(folders, id),
    async freezeInit(id) {
      // The recorded process is `unshare`; its only child is the init.
      const { pid } = await initOf(id);
      const child = Number(await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`));
      Deno.kill(child, "SIGSTOP");
      return () => Deno.kill(child, "SIGCONT");
    },
    async [Symbol.asyncDispose]() {
      const { backend } = grad();
      for (const id of await foldersIn(runnersFolder(folders))) await backend.stop(id);
      for (const channel of channels) channel.close();
      const mounts = await Deno.readTextFile("/proc/self/mountinfo");
      assert.ok(!mounts.includes(dir), "a mount is left on the machine");
      await Deno.remove(dir, { recursive: true });
    },
  };
}

backendContract("local", () => localWorld(true));

Deno.test({
  name: "local backend takes an init that is too slow to answer for neither lost nor absent",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using world = await localWorld(true);
    const { backend } = world.grad();
    const record = aRecord();
    const { signal } = new AbortController();
    await backend.apply(record, signal);
    const { pid } = JSON.parse(await Deno.readTextFile(world.paths(record.id).initPid));
    const thaw = await world.freezeInit(record.id);
    assert.equal((await backend.observe(record.id)).state, "starting");
    const applying = backend.apply(record, signal);
    thaw();
    await applying;
    assert.equal((await backend.observe(record.id)).state, "running");
    assert.equal(JSON.parse(await Deno.readTextFile(world.paths(record.id).initPid)).pid, pid);
  },
});

Deno.test({
  name:
    "local backend ends processes without a record at once, and deletes files only when they are a week old",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using world = await localWorld(true);
    const { backend } = world.grad();
    const record = aRecord({ name: "orphan" });
    const { signal } = new AbortController();
    await backend.apply(record, signal);
    const { folder, workspace } = world.paths(record.id);
    const file = join(workspace, "outputs/kept");
    await Deno.writeTextFile(file, "kept");
    const state = async () => (await backend.observe(record.id)).state;

    // One that has a record by the time that nobody can start it any more.
    await backend.removeOrphan(record.id, () => Promise.resolve(false));
    assert.equal(await state(), "running");
    for (let time = 0; time < 2; time++) {
      await backend.removeOrphan(record.id, () => Promise.resolve(true));
      assert.deepEqual([await state(), await Deno.readTextFile(file)], ["absent", "kept"]);
    }
    assert.deepEqual(await backend.inventory(), [record.id]);

    const old = new Date(Date.now() - TOMBSTONE_MS - 60_000);
    await Deno.utime(folder, old, old);
    await backend.removeOrphan(record.id, () => Promise.resolve(false));
    assert.equal(await Deno.readTextFile(file), "kept");
    await backend.removeOrphan(record.id, () => Promise.resolve(true));
    assert.deepEqual(await backend.inventory(), []);
    await assert.rejects(Deno.stat(folder), Deno.errors.NotFound);
  },
});
