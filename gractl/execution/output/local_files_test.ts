import assert from "node:assert/strict";
import { join } from "node:path";
import { tempDir } from "../../workspace/testing/temp_dir.ts";
import { localPathOf, writeWhole } from "./local_files.ts";
import { OutputSaver } from "./output_saver.ts";

const cases: [path: string, local: string | undefined][] = [
  ["outputs/x/figure-1.png", "/w/figure-1.png"],
  ["outputs/table.csv", "/w/table.csv"],
  ["outputs/sub/table.csv", "/w/sub/table.csv"],
  ["outputs/x", "/w/x"],
  ["code/lib.py", "/w/code/lib.py"],
  ["outputs/../../etc/passwd", undefined],
  ["outputs//a", undefined],
  ["outputs/.", undefined],
  ["outputs/a\0b", undefined],
  ["/etc/passwd", undefined],
  ["passwd", undefined],
];
for (const [path, local] of cases) {
  Deno.test(`localPathOf() maps ${JSON.stringify(path)} ${local === undefined ? "nowhere" : `in ${local}`}`, () =>
    assert.equal(localPathOf("/w", "x", path), local));
}

const artifact = (path: string, bytes: number) => ({ path, bytes, sha256: "", mediaType: "text/plain" });

function saver(download: (path: string) => Promise<void> = () => Promise.resolve(), artifacts = true) {
  const warnings: string[] = [];
  const downloaded: string[] = [];
  const options = { folder: "/w", executionId: "x", artifacts, warn: (text: string) => warnings.push(text) };
  const made = new OutputSaver({ ...options, download: (path) => (downloaded.push(path), download(path)) });
  return { saver: made, warnings, downloaded };
}

Deno.test("OutputSaver downloads a file once", async () => {
  const { saver: made, downloaded } = saver();
  assert.equal(await made.artifact(artifact("outputs/a", 1)), "/w/a");
  assert.equal(await made.artifact(artifact("outputs/a", 1)), "/w/a");
  assert.deepEqual(downloaded, ["outputs/a"]);
});

Deno.test("OutputSaver does not download large files, and warns how to get them", async () => {
  const { saver: made, warnings } = saver();
  assert.equal(await made.artifact(artifact("outputs/big", 65 * 2 ** 20)), undefined);
  assert.match(warnings[0]!, /gractl file get outputs\/big/);
});

Deno.test("OutputSaver limits the bytes of one execution", async () => {
  const { saver: made, downloaded } = saver();
  for (let at = 0; at < 6; at++) await made.artifact(artifact(`outputs/${at}`, 60 * 2 ** 20));
  assert.equal(downloaded.length, 4);
});

Deno.test("OutputSaver warns about a file that it cannot save", async () => {
  const { saver: made, warnings } = saver(() => Promise.reject(new Error("gone")));
  assert.equal(await made.artifact(artifact("outputs/a", 1)), undefined);
  assert.deepEqual(warnings, ["Cannot save outputs/a on this machine: gone"]);
});

Deno.test("OutputSaver downloads nothing with --no-artifacts", async () => {
  const { saver: made, downloaded } = saver(undefined, false);
  assert.equal(await made.artifact(artifact("outputs/a", 1)), undefined);
  assert.deepEqual(downloaded, []);
});

Deno.test("writeWhole() writes a file with its folders, and leaves no other file", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "sub/deep/a.bin");
  for (const bytes of [Uint8Array.of(1, 2), Uint8Array.of(3)]) {
    await writeWhole(path, bytes);
    assert.deepEqual(await Deno.readFile(path), bytes);
  }
  assert.deepEqual(await dir.list(), ["sub", "sub/deep", "sub/deep/a.bin"]);
});
