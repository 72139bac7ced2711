import assert from "node:assert/strict";
import { localPathOf } from "./local_files.ts";
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
  Deno.test(`localPathOf() keeps ${JSON.stringify(path)} ${local === undefined ? "nowhere" : `in ${local}`}`, () =>
    assert.equal(localPathOf("/w", "x", path), local));
}

const artifact = (path: string, bytes: number) => ({ path, bytes, sha256: "", mediaType: "text/plain" });

function saver(fetch: (path: string) => Promise<void> = () => Promise.resolve(), artifacts = true) {
  const warnings: string[] = [];
  const fetched: string[] = [];
  const options = { folder: "/w", executionId: "x", artifacts, warn: (text: string) => warnings.push(text) };
  const made = new OutputSaver({ ...options, fetch: (path) => (fetched.push(path), fetch(path)) });
  return { saver: made, warnings, fetched };
}

Deno.test("OutputSaver fetches a file once", async () => {
  const { saver: made, fetched } = saver();
  assert.equal(await made.artifact(artifact("outputs/a", 1)), "/w/a");
  assert.equal(await made.artifact(artifact("outputs/a", 1)), "/w/a");
  assert.deepEqual(fetched, ["outputs/a"]);
});

Deno.test("OutputSaver leaves large files where they are, and says how to get them", async () => {
  const { saver: made, warnings } = saver();
  assert.equal(await made.artifact(artifact("outputs/big", 65 * 2 ** 20)), undefined);
  assert.match(warnings[0]!, /gractl file get outputs\/big/);
});

Deno.test("OutputSaver fetches only so much of one execution", async () => {
  const { saver: made, fetched } = saver();
  for (let at = 0; at < 6; at++) await made.artifact(artifact(`outputs/${at}`, 60 * 2 ** 20));
  assert.equal(fetched.length, 4);
});

Deno.test("OutputSaver warns of a file that cannot be had", async () => {
  const { saver: made, warnings } = saver(() => Promise.reject(new Error("gone")));
  assert.equal(await made.artifact(artifact("outputs/a", 1)), undefined);
  assert.deepEqual(warnings, ["Cannot keep outputs/a on this machine: gone"]);
});

Deno.test("OutputSaver fetches nothing with --no-artifacts", async () => {
  const { saver: made, fetched } = saver(undefined, false);
  assert.equal(await made.artifact(artifact("outputs/a", 1)), undefined);
  assert.deepEqual(fetched, []);
});
