import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fakeIds, tempDir } from "../../workspace/testing/temp_dir.ts";
import { localPathOf, LocalPaths } from "./local_files.ts";
import { workspaceOutputs } from "./output_folder.ts";
import { OutputSaver } from "./output_saver.ts";

const cases: [path: string, local: readonly string[] | RegExp][] = [
  ["outputs/x/figure-1.png", ["figure-1.png"]],
  ["outputs/table.csv", ["table.csv"]],
  ["outputs/sub/table.csv", ["sub", "table.csv"]],
  ["outputs/x", ["x"]],
  ["code/lib.py", ["code", "lib.py"]],
  ["code/.github/.gitignore", ["code", ".github", ".gitignore"]],
  ["outputs/ä b'c\"d\\e$f.txt", ["ä b'c\"d\\e$f.txt"]],
  ["outputs/../../etc/passwd", /not the path/],
  ["outputs//a", /not the path/],
  ["outputs/.", /not the path/],
  ["/etc/passwd", /not the path/],
  ["out.csv", ["out.csv"]],
  ["plots/a.png", ["plots", "a.png"]],
  ["workspace/a.png", ["workspace", "a.png"]],
  ["outputs/figure-1.png", ["outputs", "figure-1.png"]],
  ["outputs/stdout.txt", ["outputs", "stdout.txt"]],
  ["figure-1.png", ["workspace", "figure-1.png"]],
  ["Result-2.HTML", ["workspace", "Result-2.HTML"]],
  ["plots/figure-1.png", ["plots", "figure-1.png"]],
  ["outputs", ["outputs"]],
  ["outputs/x/deep/figure-1.png", ["deep", "figure-1.png"]],
  ["", /not the path/],
  ["outputs/a\0b", /control character/],
  ["outputs/a\nb", /control character/],
  ["outputs/\x9b31m", /control character/],
  [".git/hooks/post-checkout", /git/],
  ["outputs/x/.GIT/config", /git/],
  ["code/.g\u200cit/config", /git/],
];
for (const [path, local] of cases) {
  Deno.test(`localPathOf() ${local instanceof RegExp ? "refuses" : "maps"} ${JSON.stringify(path)}`, () => {
    const found = localPathOf("x", path);
    if (local instanceof RegExp) assert.match("refused" in found ? found.refused : "", local);
    else assert.deepEqual(found, { path: local });
  });
}

Deno.test("LocalPaths gives no two files the same place", () => {
  const paths = new LocalPaths("x");
  const local = (path: string) => {
    const found = paths.of(path);
    return "path" in found ? found.path.join("/") : found.refused;
  };
  const remote = [
    ...["outputs/x/figure-1.png", "outputs/figure-1.png", "figure-1.png", "workspace/figure-1.png"],
    ...[
      "outputs/a.csv",
      "a.csv",
      "A.CSV",
      "outputs/a-2.csv",
      "outputs/outputs/figure-1.png",
      "b/.c",
      "outputs/b/.c",
    ],
  ];
  const expected = [
    ...["figure-1.png", "outputs/figure-1.png", "workspace/figure-1.png", "workspace/figure-1-2.png"],
    ...["a.csv", "a-2.csv", "A-3.CSV", "a-2-2.csv", "outputs/figure-1-2.png", "b/.c", "b/.c-2"],
  ];
  assert.deepEqual(remote.map(local), expected);
  assert.deepEqual(remote.map(local), expected, "the same every time");
});

const artifact = (path: string, bytes: number) => ({ path, bytes, sha256: "", mediaType: "text/plain" });

function saver(
  download: (path: string) => Promise<void> = () => Promise.resolve(),
  artifacts = true,
  workspaceDir = "/w",
) {
  const warnings: string[] = [];
  const downloaded: string[] = [];
  const ids = fakeIds();
  const options = {
    folder: workspaceOutputs(workspaceDir, ids)("x"),
    executionId: "x",
    ids,
    artifacts,
    warn: (text: string) => warnings.push(text),
  };
  const made = new OutputSaver({ ...options, download: (path) => (downloaded.push(path), download(path)) });
  return { saver: made, warnings, downloaded };
}

Deno.test("OutputSaver downloads a file once", async () => {
  const { saver: made, downloaded } = saver();
  assert.equal(await made.artifact(artifact("outputs/a", 1)), "/w/outputs/x/a");
  assert.equal(await made.artifact(artifact("outputs/a", 1)), "/w/outputs/x/a");
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

const part = (path: string, data: Uint8Array) => ({ path, data, bytes: data.length, mediaType: "image/png" });

Deno.test("OutputSaver saves an image with its folders, and leaves no other file", async () => {
  await using dir = await tempDir();
  for (const bytes of [Uint8Array.of(1, 2), Uint8Array.of(3)]) {
    const { saver: made } = saver(undefined, true, dir.path);
    const path = await made.part(part("outputs/sub/a.bin", bytes));
    assert.equal(path, join(dir.path, "outputs/x/sub/a.bin"));
    assert.deepEqual(await Deno.readFile(path), bytes);
  }
  assert.deepEqual(await dir.list(), [
    "outputs",
    "outputs/latest",
    "outputs/x",
    "outputs/x/sub",
    "outputs/x/sub/a.bin",
  ]);
});

for (const link of ["outputs", "outputs/x", "outputs/x/sub"]) {
  Deno.test(`OutputSaver saves nothing through a link in place of ${link}`, async () => {
    await using dir = await tempDir();
    await Deno.mkdir(join(dir.path, "secret"));
    await Deno.mkdir(dirname(join(dir.path, link)), { recursive: true });
    await Deno.symlink(join(dir.path, "secret"), join(dir.path, link));
    const { saver: made, warnings } = saver(undefined, true, dir.path);
    assert.equal(await made.part(part("outputs/sub/a.bin", Uint8Array.of(1))), undefined);
    assert.match(warnings.join(), /is a link, or not a folder/);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(join(dir.path, "secret"))), []);
  });
}

Deno.test("OutputSaver replaces a link in place of the file", async () => {
  await using dir = await tempDir();
  await dir.write("outputs/x/.keep", "");
  const target = await dir.write("bashrc", "mine");
  await Deno.symlink(target, join(dir.path, "outputs/x/a.bin"));
  const { saver: made } = saver(undefined, true, dir.path);
  const path = await made.part(part("outputs/a.bin", Uint8Array.of(1)));
  assert.ok((await Deno.lstat(path!)).isFile);
  assert.equal(await dir.read("bashrc"), "mine");
});

Deno.test("OutputSaver stops naming files that it cannot save", async () => {
  const { saver: made, warnings } = saver();
  for (let at = 0; at < 50; at++) await made.artifact(artifact(`.git/objects/${at}`, 1));
  assert.equal(warnings.length, 11);
  assert.match(warnings.at(-1)!, /gractl execution get x/);
});
