/**
 * Attack: code holds more memory than its runner has, where no process shows it: in files of a tmpfs and in memfds. The amounts are
 * small for the machine.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { inBareSandbox } from "../support/bare_sandbox.ts";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

const RUNNER = ["--runner", "small"];
/** Of each tmpfs of a runner with 512 MiB. */
const TMPFS_MIB = 96;

/** Writes 160 MiB into each folder in memory; prints, as JSON, how many MiB were taken, or the name of the error. */
const FILL = `
import errno, json, os
def fill(path):
    taken = 0
    try:
        with open(path, "wb", buffering=0) as file:
            while taken < 160: taken += file.write(bytes(1 << 20)) >> 20
    except OSError as error:
        return taken if error.errno == errno.ENOSPC else errno.errorcode[error.errno]
    return taken
print(json.dumps({folder: fill(folder + "/filled") for folder in ("/tmp", "/dev/shm", "/dev")}))
`;

scenario("code cannot fill more memory through files than a part of the runner's", async (world) => {
  const { backend } = world;
  const unbounded = (argv: readonly string[]) =>
    argv.filter((part, at) =>
      part !== "--size" && argv[at - 1] !== "--size" &&
      !(part === "--remount-ro" && argv[at + 1] === "/dev") &&
      !(part === "/dev" && argv[at - 1] === "--remount-ro")
    );
  const bare = await inBareSandbox({ dir: join(backend.dir, "bare"), code: FILL, change: unbounded });
  assert.deepEqual(JSON.parse(bare), { "/tmp": 160, "/dev/shm": 160, "/dev": 160 });

  const cwd = await world.workspace();
  (await backend.gractl(["runner", "create", "small", "--memory", "512MiB"], { cwd })).exits(0);
  const filled = JSON.parse((await execute(backend, cwd, FILL, { args: RUNNER })).stdout);
  assert.equal(filled["/dev"], backend.name === "local" ? "EROFS" : "EACCES"); // in a pod it is root's
  for (const folder of ["/tmp", "/dev/shm"]) {
    assert.ok(
      filled[folder] > TMPFS_MIB / 2 && filled[folder] <= TMPFS_MIB,
      `${folder}: ${filled[folder]} MiB`,
    );
  }
  // What is full neither keeps another kernel from starting nor code from deleting it.
  const other = [...RUNNER, "--session", "other"];
  const removed = `import os; [os.remove(d + "/filled") for d in ("/tmp", "/dev/shm")]; print("removed")`;
  assert.equal((await execute(backend, cwd, removed, { args: other })).stdout, "removed\n");
});

/** Takes 1 MiB at a time, up to 700 MiB. */
const MEMFD = `
import os
held = os.memfd_create("held")
for at in range(700): os.pwrite(held, bytes(1 << 20), at << 20)
print(os.fstat(held).st_blocks * 512 >> 20)
`;
const ANONYMOUS = `
import mmap
held = mmap.mmap(-1, 700 << 20)
for at in range(700): held[at << 20 : (at + 1) << 20] = bytes(1 << 20)
print(len(held) >> 20)
`;
const HIDDEN = `import ctypes\nctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\n${MEMFD}`;

for (
  const [name, code] of Object.entries({
    "a memfd": MEMFD,
    "a memfd of a process that hides its files": HIDDEN,
    "a shared mapping": ANONYMOUS,
  })
) {
  scenario(`${name} counts as memory of the runner`, async ({ backend, workspace }) => {
    const dir = join(backend.dir, `bare-${name.replaceAll(" ", "-")}`);
    assert.equal(await inBareSandbox({ dir, code }), "700\n");
    const cwd = await workspace();
    (await backend.gractl(["runner", "create", "small", "--memory", "512MiB"], { cwd })).exits(0);
    const ended = await execute(backend, cwd, `${code}import time; time.sleep(60)`, {
      args: RUNNER,
      exit: 5,
    });
    assert.equal(ended.status, "out_of_memory");
  });
}

scenario("files in memory and memory of processes count together", async ({ backend, workspace }) => {
  const cwd = await workspace();
  (await backend.gractl(["runner", "create", "small", "--memory", "512MiB"], { cwd })).exits(0);
  const heap = (seconds: number) =>
    `block = bytearray(b"x") * (230 << 20); import time; time.sleep(${seconds}); print(len(block) >> 20); del block`;
  const alone = [...RUNNER, "--session", "heap"];
  assert.equal((await execute(backend, cwd, heap(2), { args: alone })).stdout, "230\n");
  const filled = JSON.parse((await execute(backend, cwd, FILL, { args: RUNNER })).stdout);
  assert.ok(filled["/tmp"] + filled["/dev/shm"] > 160, JSON.stringify(filled));
  const ended = await execute(backend, cwd, heap(60), { args: alone, exit: 5 });
  assert.equal(ended.status, "out_of_memory");
  (await backend.gractl(["runner", "destroy", "small"], { cwd })).exits(0);
});
