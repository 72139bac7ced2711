/** What code shows: it is readable where it fits, and whole in a file where it does not. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

scenario("output that JSON shows in part is whole in the runner", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const code = "import sys\nprint('a' * 400_000)\nprint('b' * 300_000, file=sys.stderr)";
  const got = await execute(backend, cwd, code);
  assert.deepEqual(got.truncated, { stdout: true, stderr: true, results: false });
  assert.deepEqual(got.artifacts, [], "copies of output are no files of the code");
  for (const [name, letter, count] of [["stdout", "a", 400_000], ["stderr", "b", 300_000]] as const) {
    const path = `outputs/${got.id}/${name}.txt`;
    assert.ok(got.warnings.some((text) => text.includes(path)), `${got.warnings}`);
    (await backend.gractl(["file", "get", path, `${name}.txt`], { cwd })).exits(0);
    assert.equal(await Deno.readTextFile(join(cwd, `${name}.txt`)), `${letter.repeat(count)}\n`);
  }
});

scenario("text mode prints all of a long output and writes no copy", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const call = await backend.gractl(["execute-code", "--code", "print('a' * 400_000)"], { cwd });
  assert.equal(call.exits(0).stdout, `${"a".repeat(400_000)}\n`);
  assert.equal(call.stderr, "");
});

/** By what is shown: the code, how text calls the file, its media type, and how its content begins. */
const FILES: Readonly<Record<string, readonly [code: string, line: RegExp, type: string, begins: string]>> = {
  "a figure as PDF": [
    "%config InlineBackend.figure_formats = ['pdf']\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    /^plot: (\S+\.pdf)$/m,
    "application/pdf",
    "%PDF",
  ],
  "a sound": [
    "from IPython.display import Audio\nAudio([0.0, 0.5, -0.5] * 800, rate=8000)",
    /^audio: (\S+\.wav)$/m,
    "audio/wav",
    "RIFF",
  ],
  "a film": [
    "from IPython.display import Video\nVideo(b'....ftypmp42' * 100, embed=True)",
    /^video: (\S+\.mp4)$/m,
    "video/mp4",
    "....ftyp",
  ],
};

for (const [what, [code, line, type, begins]] of Object.entries(FILES)) {
  scenario(`${what} is a file on this machine, in text and in JSON`, async ({ backend, workspace }) => {
    const cwd = await workspace();
    const args = ["--session", "media"];
    const call = (await backend.gractl(["execute-code", "--code", code, ...args], { cwd })).exits(0);
    const [, path] = line.exec(call.stdout) ?? [];
    assert.ok(path, `${call}`);
    assert.ok((await Deno.readTextFile(join(cwd, path))).startsWith(begins));
    const { results } = await execute(backend, cwd, code, { args });
    const part = results[0]!.mime[type] as { localPath: string; bytes: number };
    assert.ok((await Deno.readTextFile(part.localPath)).startsWith(begins));
    assert.equal((await Deno.stat(part.localPath)).size, part.bytes);
  });
}

for (const [media, code] of [["text/plain", "TEXT"], ["text/html", "HTML(TEXT)"]] as const) {
  scenario(`${media} between 64 KiB and 1 MiB is whole in a file`, async ({ backend, workspace }) => {
    const cwd = await workspace();
    const text = "class Long:\n    def __repr__(self): return 'y' * 300_000\n";
    const show = code === "TEXT" ? `${text}Long()` : "from IPython.display import HTML\nHTML('y' * 300_000)";
    const got = await execute(backend, cwd, show);
    assert.equal(got.truncated.results, true);
    const shown = got.results[0]!.mime[media];
    assert.ok(typeof shown === "string" && shown.length < 70_000, "as a string, in part");
    const [, path] = /(outputs\/\S+\/result-\d+\.\w+) has all of it/.exec(shown) ?? [];
    assert.ok(path, shown.slice(30_000, 40_000).replaceAll(/y+/g, "y"));
    (await backend.gractl(["file", "get", path, `whole-${code.length}`], { cwd })).exits(0);
    assert.equal(await Deno.readTextFile(join(cwd, `whole-${code.length}`)), "y".repeat(300_000));
  });
}
