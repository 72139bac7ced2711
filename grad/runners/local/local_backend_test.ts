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
import { runnerPaths, runnersFolder } from "./paths.ts";
import { foldersIn } from "./runner_folders.ts";
import { isAlive, kill, type ProcessId } from "../../../shared/process_stat.ts";
import { fileStore } from "./file_store.ts";

const PYTHON = runnerPython(Deno.env.toObject());
const PATH = Deno.env.get("PATH") ?? "/usr/bin:/bin";

/** Real inits and components on this machine, in folders of their own; what is left at the end is a failure. */
async function localWorld(sandboxed: boolean): Promise<World> {
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
      isRoot: Deno.uid() === 0,
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
