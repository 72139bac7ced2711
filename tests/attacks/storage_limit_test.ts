/**
 * Attack: code fills the disk of the machine: with large files, many small ones, files that it hides. The amounts are small: the
 * runners of this file have 64 MiB of storage.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { execute } from "../support/execution_document.ts";
import { suite, type World } from "../support/suite.ts";

const scenario = suite();

/** Writes files of 16 MiB, 4 MiB at a time, far more than the runner has; prints what it has written. `after` is done with each. */
const WRITE = (folder: string, after = "pass") => `
import os, time
os.makedirs(${JSON.stringify(folder)}, exist_ok=True)
files = []
for index in range(20):
    name = ${JSON.stringify(folder)} + f"/{index}"
    files.append(open(name, "wb", buffering=0))
    ${after}
    for part in range(4):
        files[-1].write(os.urandom(4 << 20))
        time.sleep(0.1)
print(sum(file.tell() for file in files) >> 20)
`;
const ATTACKS: Readonly<Record<string, string>> = {
  "large files": WRITE("outputs/large"),
  "large temporary files": WRITE("/var/tmp/large"),
  "files beside its sockets": WRITE("/run/grad/large"),
  "deleted files that are still open": WRITE("outputs/gone", "os.unlink(name)"),
  "files in folders that deny their reading": WRITE(
    "outputs/closed",
    'os.makedirs(f"outputs/in/{index}"); os.rename(name, f"outputs/in/{index}/file"); os.chmod(f"outputs/in/{index}", 0)',
  ),
  "many small files": `
import os, time
os.makedirs("outputs/many", exist_ok=True)
for index in range(20_000):
    with open(f"outputs/many/{index}", "w") as file: file.write("x")
    if index % 100 == 0: time.sleep(0.02)
print(index + 1)
`,
};

async function makeRunner(
  { backend, workspace }: World,
  name: string,
  storage = "64MiB",
): Promise<[string, string[]]> {
  const cwd = await workspace();
  const create = ["runner", "create", name, "--memory", "512MiB", "--storage", storage];
  (await backend.gractl(create, { cwd })).exits(0);
  return [cwd, ["--runner", name]];
}

for (const [index, [name, code]] of Object.entries(ATTACKS).entries()) {
  scenario(`code that writes ${name} is stopped when the storage is full`, async (world) => {
    const { backend } = world;
    if (index === 0) {
      // With more storage the same code runs to its end.
      const [cwd, args] = await makeRunner(world, "large", "1GiB");
      assert.equal((await execute(backend, cwd, code, { args })).stdout, "320\n");
      (await backend.gractl(["runner", "destroy", "large"], { cwd })).exits(0);
    }
    const [cwd, args] = await makeRunner(world, `full-${index}`);
    const ended = await execute(backend, cwd, code, { args, exit: 130 });
    assert.equal(ended.status, "interrupted");
    assert.equal(ended.error?.code, "storage_full", JSON.stringify(ended.error));
    assert.match(ended.error.message, /storage is full|too many files/);
    assert.match(ended.error.hint, /Delete files/);
    (await backend.gractl(["runner", "destroy", `full-${index}`], { cwd })).exits(0);
  }, { deadlineMs: 200_000 });
}

scenario("a full runner takes no uploads, runs code that deletes, and is as before then", async (world) => {
  const { backend } = world;
  const [cwd, args] = await makeRunner(world, "full");
  await execute(backend, cwd, "kept = 1", { args });
  await execute(backend, cwd, WRITE("outputs/large"), { args: [...args, "--session", "writer"], exit: 130 });

  await Deno.writeFile(join(cwd, "upload.bin"), new Uint8Array(2 ** 20));
  const refused = await backend.gractl(["file", "put", "upload.bin", "outputs/upload.bin", ...args], { cwd });
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /storage is full/);

  // Code that adds to it is stopped again; code that does not is not, and neither journal nor variables are harmed.
  const again = await execute(backend, cwd, WRITE("outputs/second"), {
    args: [...args, "--session", "writer"],
    exit: 130,
  });
  assert.equal(again.error?.code, "storage_full");
  assert.equal((await execute(backend, cwd, "print(kept)", { args })).stdout, "1\n");

  // Storage is freed by code, or by an upload that makes a file smaller.
  await Deno.writeFile(join(cwd, "empty"), new Uint8Array());
  (await backend.gractl(["file", "put", "empty", "outputs/second/0", ...args], { cwd })).exits(0);
  const deleted =
    `import shutil; [shutil.rmtree("outputs/" + name) for name in ("large", "second")]; print("deleted")`;
  assert.equal((await execute(backend, cwd, deleted, { args })).stdout, "deleted\n");
  // A deleted file takes storage until it is closed, here with its kernel.
  (await backend.gractl(["session", "reset", "writer", "--runner", "full"], { cwd })).exits(0);
  (await backend.gractl(["file", "put", "upload.bin", "outputs/upload.bin", ...args], { cwd })).exits(0);
  (await backend.gractl(["runner", "destroy", "full"], { cwd })).exits(0);
}, { deadlineMs: 200_000 });

scenario("no file becomes larger than the storage, and holes in files take no storage", async (world) => {
  const [cwd, args] = await makeRunner(world, "sparse");
  const code = `
import os
with open("outputs/sparse", "wb") as file:
    file.truncate(64 << 20)
    try: file.truncate((64 << 20) + 1)
    except OSError as error: print(error.strerror)
print(os.stat("outputs/sparse").st_blocks < 100)
`;
  assert.equal((await execute(world.backend, cwd, code, { args })).stdout, "File too large\nTrue\n");
  const more =
    `for at in range(8):\n    with open(f"outputs/sparse-{at}", "wb") as file: file.truncate(64 << 20)\nprint("done")`;
  assert.equal((await execute(world.backend, cwd, more, { args })).stdout, "done\n");
  (await world.backend.gractl(["runner", "destroy", "sparse"], { cwd })).exits(0);
});
