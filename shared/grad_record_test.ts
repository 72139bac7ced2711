import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type GradRecord,
  parseGradRecord,
  readGradRecord,
  stateFiles,
  writeGradRecord,
} from "./grad_record.ts";

const RECORD: GradRecord = {
  socket: "/run/user/1000/grad/grad.sock",
  runtimeDir: "/run/user/1000/grad",
  instance: "4711-abcdefgh",
  process: { pid: 4711, startTicks: "987" },
  version: "0.1.0",
  startedAt: "2026-01-02T03:04:05.000Z",
};
const uid = Deno.uid()!;

async function inFolder(body: (dir: string, path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(dir, stateFiles(dir).record);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("writeGradRecord() replaces a record; only its user can read it", () =>
  inFolder(async (dir, path) => {
    assert.equal(await readGradRecord(dir, uid), undefined);
    await writeGradRecord(dir, { ...RECORD, version: "0.0.1" });
    await Deno.writeTextFile(`${path}.new`, "left by a crash");
    await writeGradRecord(dir, RECORD);
    assert.deepEqual(await readGradRecord(dir, uid), RECORD);
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
    assert.deepEqual((await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name), ["grad.json"]);
  }));

Deno.test("readGradRecord() ignores a record that another user could have written", () =>
  inFolder(async (dir, path) => {
    await writeGradRecord(dir, RECORD);
    assert.deepEqual(await readGradRecord(dir, uid), RECORD);
    assert.equal(await readGradRecord(dir, uid + 1), undefined);
    for (const mode of [0o620, 0o602]) {
      await Deno.chmod(path, mode);
      assert.equal(await readGradRecord(dir, uid), undefined, mode.toString(8));
    }
    await Deno.chmod(path, 0o600);
    await Deno.rename(path, join(dir, "elsewhere"));
    await Deno.symlink(join(dir, "elsewhere"), path);
    assert.equal(await readGradRecord(dir, uid), undefined);
  }));

const malformed: [name: string, text: string][] = [
  ["no JSON", "{"],
  ["no object", "null"],
  ["no socket", JSON.stringify({ ...RECORD, socket: undefined })],
  ["a relative socket", JSON.stringify({ ...RECORD, socket: "grad.sock" })],
  ["a relative folder", JSON.stringify({ ...RECORD, runtimeDir: "run" })],
  ["no process", JSON.stringify({ ...RECORD, process: undefined })],
  ["the machine's init as process", JSON.stringify({ ...RECORD, process: { pid: 1, startTicks: "1" } })],
  ["a group as process", JSON.stringify({ ...RECORD, process: { pid: -4711, startTicks: "1" } })],
  ["no start of the process", JSON.stringify({ ...RECORD, process: { pid: 4711 } })],
  ["no instance", JSON.stringify({ ...RECORD, instance: 7 })],
];
for (const [name, text] of malformed) {
  Deno.test(`parseGradRecord() finds none in ${name}`, () => assert.equal(parseGradRecord(text), undefined));
}

Deno.test("parseGradRecord() accepts the lowest pid that a program can have", () => {
  const record = { ...RECORD, process: { pid: 2, startTicks: "1" } };
  assert.deepEqual(parseGradRecord(JSON.stringify(record)), record);
});

Deno.test("readGradRecord() reports what it cannot read", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const file = join(dir, "file");
    await Deno.writeTextFile(file, "");
    // The state folder is a file.
    await assert.rejects(readGradRecord(file, uid), Deno.errors.NotADirectory);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
