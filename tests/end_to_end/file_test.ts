import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { execute } from "../support/execution_document.ts";
import { eventually, type Running } from "../support/process.ts";
import { suite, type World } from "../support/suite.ts";

const scenario = suite();

function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Bytes that no compression and no accident makes equal to others. */
function noise(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65_536, size)));
  }
  return bytes;
}

/** Waits until the file that collects the bytes of a transfer exists; also returns when the transfer was faster. */
async function someBytesArrived(world: World, transfer: Running, file: RegExp): Promise<void> {
  let over = false;
  const mark = () => void (over = true);
  transfer.ended.then(mark, mark);
  await eventually(
    "some bytes arrive",
    async () => over || await world.backend.holdsFile(file) || undefined,
  );
}

scenario("file put, list and get carry bytes both ways", async (world) => {
  const cwd = await world.workspace();
  const file = (...args: string[]) => world.backend.gractl(["file", ...args], { cwd });
  const early = await file("list", "code", "-o", "json");
  assert.equal(early.exits(2).error().code, "runner_not_found", "reading makes no runner");
  const bytes = noise(3_000_001);
  await Deno.writeFile(join(cwd, "in.bin"), bytes);
  (await file("put", "in.bin", "code/in.bin", "-o", "json")).exits(0); // makes the runner
  const code = "import hashlib; print(hashlib.sha256(open('code/in.bin', 'rb').read()).hexdigest())";
  assert.equal((await execute(world.backend, cwd, code)).stdout, `${sha256(bytes)}\n`);

  const list = (await file("list", "code", "-o", "json")).exits(0).json();
  assert.equal(list.kind, "FileList");
  const entry = list.items.find((item: { path: string }) => item.path === "code/in.bin");
  assert.equal(entry.bytes, bytes.length);
  assert.equal(entry.type, "file");
  (await file("get", "code/in.bin", "out.bin", "-o", "json")).exits(0);
  assert.equal(sha256(await Deno.readFile(join(cwd, "out.bin"))), sha256(bytes));
});

scenario("an empty file and odd names survive the way", async (world) => {
  const cwd = await world.workspace();
  await execute(world.backend, cwd, "1");
  await Deno.writeTextFile(join(cwd, "empty"), "");
  const name = "outputs/ä b'c\"d\\e$f.txt";
  (await world.backend.gractl(["file", "put", "empty", name], { cwd })).exits(0);
  (await world.backend.gractl(["file", "get", name, "back"], { cwd })).exits(0);
  assert.equal((await Deno.stat(join(cwd, "back"))).size, 0);
});

scenario("an upload that is cut goes on where it was, and is not seen before it is whole", async (world) => {
  const cwd = await world.workspace();
  await execute(world.backend, cwd, "1");
  const bytes = noise(64 << 20);
  await Deno.writeFile(join(cwd, "big.bin"), bytes);
  const put = ["file", "put", "big.bin", "outputs/big.bin", "-o", "json"];
  // Killed while it writes: as soon as a part has arrived.
  const running = world.backend.start(put, { cwd });
  await someBytesArrived(world, running, /^\.grad-upload-/);
  running.signal("SIGKILL");
  const cut = await running.ended;
  const code = "import hashlib, os; path = 'outputs/big.bin'; print(os.path.exists(path) and " +
    "hashlib.sha256(open(path, 'rb').read()).hexdigest())";
  const whole = `${sha256(bytes)}\n`;
  const seen = (await execute(world.backend, cwd, code)).stdout;
  // The signal may come when gractl has nothing to do any more but to end.
  assert.ok(seen === whole || cut.signal !== null && seen === "False\n", seen);
  (await world.backend.gractl(put, { cwd })).exits(0);
  assert.equal((await execute(world.backend, cwd, code)).stdout, whole);
}, { deadlineMs: 180_000 });

scenario("up- and downloads go on when grad is killed in the middle", async (world) => {
  const cwd = await world.workspace();
  await execute(world.backend, cwd, "1");
  const bytes = noise(64 << 20);
  await Deno.writeFile(join(cwd, "way.bin"), bytes);
  for (const args of [["put", "way.bin", "outputs/way.bin"], ["get", "outputs/way.bin", "way.back"]]) {
    const running = world.backend.start(["file", ...args, "-o", "json"], { cwd });
    await someBytesArrived(world, running, /^\.grad-upload-|^way\.back\.part$/);
    await world.backend.killGrad();
    const ended = await running.ended;
    assert.equal(ended.code, 0, `${args}: ${ended.stdout}${ended.stderr}`);
  }
  assert.equal(sha256(await Deno.readFile(join(cwd, "way.back"))), sha256(bytes));
}, { deadlineMs: 180_000 });

scenario("a download that is cut leaves no half file under its name", async (world) => {
  const cwd = await world.workspace();
  const make = "import os; open('outputs/down.bin', 'wb').write(os.urandom(64 << 20)); import hashlib\n" +
    "print(hashlib.sha256(open('outputs/down.bin', 'rb').read()).hexdigest())";
  const want = (await execute(world.backend, cwd, make)).stdout.trim();
  const get = ["file", "get", "outputs/down.bin", "down.bin", "-o", "json"];
  const running = world.backend.start(get, { cwd });
  await someBytesArrived(world, running, /^down\.bin\.part$/);
  running.signal("SIGKILL");
  const cut = await running.ended;
  if (cut.signal !== null) await assert.rejects(Deno.stat(join(cwd, "down.bin")), Deno.errors.NotFound);
  (await world.backend.gractl(get, { cwd })).exits(0);
  assert.equal(sha256(await Deno.readFile(join(cwd, "down.bin"))), want);
});

scenario("paths that lead out, and what is not there, are refused", async (world) => {
  const cwd = await world.workspace();
  await execute(
    world.backend,
    cwd,
    "import os\nfor name, to in (('root', '/'), ('up', '../..'), ('passwd', '/etc/passwd')):\n" +
      "    os.path.islink(f'outputs/{name}') or os.symlink(to, f'outputs/{name}')",
  );
  await Deno.writeTextFile(join(cwd, "x"), "x");
  const bad = [
    "../x",
    "/etc/passwd",
    "outputs/../../state/x",
    "outputs/root/etc/passwd",
    "outputs/up/x",
    "/workspace/../etc/passwd",
  ];
  for (const path of bad) {
    const get = await world.backend.gractl(["file", "get", path, "got", "-o", "json"], { cwd });
    assert.equal(get.exits(2).error().code, "path_not_allowed", `get ${path}`);
    const put = await world.backend.gractl(["file", "put", "x", path, "-o", "json"], { cwd });
    assert.equal(put.exits(2).error().code, "path_not_allowed", `put ${path}`);
  }
  const link = await world.backend.gractl(["file", "get", "outputs/passwd", "got", "-o", "json"], { cwd });
  assert.equal(link.exits(2).error().code, "path_not_allowed");
  assert.deepEqual([...Deno.readDirSync(cwd)].filter(({ name }) => /^got/.test(name)), [], "nothing is left");
  // A link in the file's own place is replaced, not followed.
  (await world.backend.gractl(["file", "put", "x", "outputs/passwd"], { cwd })).exits(0);
  const code = "import os; print(os.path.islink('outputs/passwd'), open('outputs/passwd').read())";
  assert.equal((await execute(world.backend, cwd, code)).stdout, "False x\n");
  const none = await world.backend.gractl(["file", "get", "outputs/none", "got", "-o", "json"], { cwd });
  assert.equal(none.exits(2).error().code, "file_not_found");
  const local = await world.backend.gractl(["file", "put", "nothing-here", "outputs/x", "-o", "json"], {
    cwd,
  });
  local.exits(2);
  assert.match(local.error().message, /nothing-here/);
});
