import assert from "node:assert/strict";
import { join } from "node:path";
import { execute, executeCall } from "../support/execution_document.ts";
import { run } from "../support/process.ts";
import { suite, type World } from "../support/suite.ts";
import {
  openToRunners,
  removeDataset,
  writeDirectoryDataset,
  writeForeignDirectoryDataset,
} from "../support/workspace_files.ts";

// Folders of this machine are datasets of its own runners alone.
const scenario = suite({ only: "local" });

/** Python that prints whether it connects to each socket below `root`. */
const CONNECT = (root: string) => `
import os, socket
for folder, _, files in sorted(os.walk(${JSON.stringify(root)})):
    for name in sorted(files):
        if not name.endswith(".sock"): continue
        s = socket.socket(socket.AF_UNIX)
        try: s.connect(os.path.join(folder, name)); print("connected", name)
        except OSError: print("refused", name)
`;

async function refusals(world: World, cwd: string, path: string): Promise<void> {
  await writeForeignDirectoryDataset(world.backend, cwd, "attack", path);
  try {
    const executed = await executeCall(world.backend, cwd, "1", { args: ["--dataset", "attack"] });
    const checked = await world.backend.gractl(["dataset", "check", "attack", "-o", "json"], { cwd });
    for (const call of [executed, checked]) {
      assert.equal(call.exits(2).error().code, "dataset_folder_refused", `${path}: ${call}`);
      assert.notEqual(call.error().hint, "");
    }
    const listed = "import os; print(os.listdir('/workspace/data'))";
    removeDataset(cwd, "attack");
    assert.equal((await execute(world.backend, cwd, listed)).stdout, "[]\n");
  } finally {
    await Deno.remove(join(cwd, "workspace/datasets/attack.yaml")).catch(() => {});
  }
}

scenario("no dataset shows grad's own folders, the home folder or the system's", async (world) => {
  const cwd = await world.backend.makeWorkspace();
  const { dir, env } = world.backend;
  const state = env["GRAD_STATE_DIR"]!;
  const runtime = env["GRAD_RUNTIME_DIR"]!;
  const home = env["HOME"]!;
  const links = join(dir, "links");
  await Deno.mkdir(links);
  await Deno.symlink(runtime, join(links, "runtime"));
  await Deno.symlink("/", join(links, "machine"));
  await Deno.mkdir(join(home, ".config/gractl"), { recursive: true });
  await execute(world.backend, cwd, "1");
  const paths = [
    ...[
      state,
      join(state, "runners"),
      runtime,
      dir,
      home,
      join(home, ".config"),
      join(home, ".config/gractl"),
    ],
    ...["/proc/self/root", "/proc/self/root/run", "/run", "/var/run", "/proc", "/dev", "/dev/shm", "/sys"],
    ...[join(links, "runtime"), join(links, "machine"), join(links, "machine", state)],
  ];
  for (const path of paths) await refusals(world, cwd, path);
}, { deadlineMs: 240_000 });

scenario("code reaches no socket in a dataset, which a read-only mount alone would let it", async (world) => {
  const cwd = await world.backend.makeWorkspace();
  const folder = join(world.backend.dir, "with-socket");
  await Deno.mkdir(folder);
  await Deno.writeTextFile(join(folder, "a.txt"), "a");
  using listener = Deno.listen({ transport: "unix", path: join(folder, "host.sock") });
  void (async () => {
    try {
      for await (const connection of listener) connection.close();
    } catch {
      // Closed at the end.
    }
  })();
  await Deno.chmod(join(folder, "host.sock"), 0o777);

  // The sandbox's way to show a folder, without the check.
  const alone = await run(
    [
      ...["bwrap", "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"],
      ...["--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"],
      ...["--ro-bind", folder, "/data", "/usr/bin/python3", "-c", CONNECT("/data")],
    ],
    { env: { PATH: "/usr/local/bin:/usr/bin:/bin" }, cwd: "/" },
  );
  assert.equal(alone.stdout, "connected host.sock\n", alone.stderr);

  await refusals(world, cwd, folder);
});

scenario("a socket that is made later ends the dataset's mount", async (world) => {
  const cwd = await world.backend.makeWorkspace();
  const folder = join(world.backend.dir, "socket-later");
  await Deno.mkdir(folder);
  await Deno.writeTextFile(join(folder, "a.txt"), "a");
  await writeDirectoryDataset(world.backend, cwd, "later", folder);
  const wait = `
import os, time
path = "/workspace/data/later"
print(os.listdir(path), flush=True)
while os.path.exists(path + "/a.txt"): time.sleep(0.02)
${CONNECT("/workspace/data")}
print("ended")
`;
  const running = world.backend.start(["execute-code", "--code", wait, "--timeout", "90s"], { cwd });
  await running.saw(/a\.txt/);
  using _listener = Deno.listen({ transport: "unix", path: join(folder, "host.sock") });
  const ended = await running.ended;
  assert.match(ended.stdout, /^ended$/m, ended.stderr);
  assert.doesNotMatch(ended.stdout, /connected/);
  const call = await executeCall(world.backend, cwd, "1", { args: ["--dataset", "later"] });
  assert.equal(call.exits(2).error().code, "dataset_folder_refused");
  assert.match(call.error().message, /host\.sock/);
});

scenario("code that may write to a folder leads a dataset below it nowhere else by a link", async (world) => {
  const cwd = await world.backend.makeWorkspace();
  const outer = join(cwd, "workspace/own");
  const elsewhere = join(world.backend.dir, "elsewhere");
  await Deno.mkdir(join(outer, "inner"), { recursive: true });
  await Deno.mkdir(elsewhere);
  await Deno.writeTextFile(join(elsewhere, "key.txt"), "secret");
  openToRunners(elsewhere, "read-write");
  await writeDirectoryDataset(world.backend, cwd, "outer", outer, "read-write");
  await writeDirectoryDataset(world.backend, cwd, "inner", join(outer, "inner"), "read-write");

  const swap = `
import os, time
data = "/workspace/data"
os.rename(f"{data}/outer/inner", f"{data}/outer/moved")
os.symlink(${JSON.stringify(elsewhere)}, f"{data}/outer/inner")
# The mount ends when the data component has noticed.
while os.path.ismount(f"{data}/inner"): time.sleep(0.02)
ends_at = time.monotonic() + 8
while time.monotonic() < ends_at and not os.path.exists(f"{data}/inner/key.txt"): time.sleep(0.02)
print("reached" if os.path.exists(f"{data}/inner/key.txt") else "ended")
`;
  assert.equal((await execute(world.backend, cwd, swap)).stdout, "ended\n");
  // The link works for who follows it, and gractl resolves it before anything is sent.
  assert.equal(await Deno.readTextFile(join(outer, "inner/key.txt")), "secret");
  assert.equal((await executeCall(world.backend, cwd, "1")).exits(2).error().code, "workspace_untrusted");
});
