import assert from "node:assert/strict";
import { join } from "node:path";
import { GradError } from "../../shared/errors.ts";
import type { Circumstances } from "../testing/fake_deps.ts";
import { fakeGrad, utf8 } from "../testing/fake_grad.ts";
import { tempWorkspace } from "../workspace/testing/temp_dir.ts";
import { runCommand } from "./testing/run_command.ts";

/** Gets `outputs/t.csv` in a folder with these files; answers also with what is in the folder afterwards. */
async function get(
  args: readonly string[],
  options: Partial<Circumstances> & { files?: Record<string, string>; missing?: boolean } = {},
) {
  const { files = {}, missing = false, ...circumstances } = options;
  await using dir = await tempWorkspace(files);
  const reads: string[] = [];
  const client = fakeGrad({
    files: {
      read({ path }) {
        reads.push(path);
        if (missing) return Promise.reject(new GradError("file_not_found", "Cannot find it"));
        return Promise.resolve({ data: utf8("a,b\n"), totalBytes: 4, revision: "1", mode: 0o644 });
      },
    },
  });
  const line = ["file", "get", ...args.map((arg) => arg.replace("DIR", dir.path))];
  const ran = await runCommand(line, { cwd: dir.path, client, ...circumstances });
  const read = (name: string) => Deno.readTextFile(join(dir.path, name)).catch(() => undefined);
  return { ...ran, reads, local: await read("t.csv"), part: await read("t.csv.part") };
}

const MINE = { files: { "t.csv": "mine" } };

Deno.test("gractl file get takes paths as code and programs print them", async () => {
  const { exit, reads, local } = await get(["/workspace/outputs/t.csv"]);
  assert.deepEqual([exit, reads, local], [0, ["/workspace/outputs/t.csv"], "a,b\n"]);
});

Deno.test("gractl file get does not replace a local file without a terminal", async () => {
  const { exit, json, local, reads } = await get(["outputs/t.csv", "-o", "json"], MINE);
  assert.deepEqual([exit, json().error?.code, local, reads], [2, "file_exists", "mine", []]);
  assert.match(json().error?.message ?? "", /^Cannot save "t\.csv": it is there already$/);
  assert.match(json().error?.hint ?? "", /--force/);
});

for (
  const [answer, exit, local] of [["y", 0, "a,b\n"], ["Yes", 0, "a,b\n"], ["", 130, "mine"], [
    "n",
    130,
    "mine",
  ]] as const
) {
  Deno.test(`gractl file get asks before it replaces a file; the answer is ${JSON.stringify(answer)}`, async () => {
    const got = await get(["outputs/t.csv"], { ...MINE, answer });
    assert.match(got.stderr, /^Replace t\.csv \(4 B\)\? \[y\/N\] /);
    assert.deepEqual([got.exit, got.local], [exit, local], got.stderr);
  });
}

Deno.test("gractl file get --force asks nothing", async () => {
  const { exit, stderr, local } = await get(["outputs/t.csv", ".", "--force"], { ...MINE, answer: "n" });
  assert.deepEqual([exit, stderr, local], [0, "", "a,b\n"]);
});

Deno.test("gractl file get leaves nothing behind a refusal", async () => {
  const { exit, local, part } = await get(["outputs/t.csv"], { missing: true });
  assert.deepEqual([exit, local, part], [2, undefined, undefined]);
});

Deno.test("gractl file get - writes the file to standard output", async () => {
  const { exit, stdout, stderr, local } = await get(["outputs/t.csv", "-"], MINE);
  assert.deepEqual([exit, stdout, stderr, local], [0, "a,b\n", "", "mine"]);
});

Deno.test("gractl file get - prints no document beside the file", async () => {
  const { exit, json } = await get(["outputs/t.csv", "-", "-o", "json"]);
  assert.deepEqual([exit, json().error?.code], [2, "usage"]);
});
