/** What code shows, beside tables: Markdown, HTML, progress bars, output that is cleared, numbers and texts that programs read. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";
import { inTerminal } from "../support/terminal.ts";

const scenario = suite();

const DISPLAY = "from IPython.display import *\n";

scenario("Markdown is printed", async ({ backend, workspace }) => {
  const args = ["execute-code", "--code", `${DISPLAY}Markdown('# Title\\n\\n- point')`];
  const { stdout } = (await backend.gractl(args, { cwd: await workspace() })).exits(0);
  assert.equal(stdout, "# Title\n\n- point\n");
});

scenario("text says where HTML was saved", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const args = ["execute-code", "--code", `${DISPLAY}HTML('<h1>Report</h1>')`];
  const { stdout } = (await backend.gractl(args, { cwd })).exits(0);
  const [, path] = /^html: (\S+\.html)\n$/.exec(stdout) ?? assert.fail(stdout);
  assert.equal(await Deno.readTextFile(join(cwd, path!)), "<h1>Report</h1>");
});

/** As tqdm writes on standard error. */
const BAR =
  "import sys\nfor n in range(101):\n    sys.stderr.write(f'\\r{n:3d}%|{\"#\" * (n // 10):10}|')\n" +
  "sys.stderr.write('\\n')\n";

scenario(
  "of a progress bar the last line is left, for people and for programs",
  async ({ backend, workspace }) => {
    const cwd = await workspace();
    const { stderr } = (await backend.gractl(["execute-code", "--code", BAR], { cwd })).exits(0);
    assert.equal(stderr, "100%|##########|\n");
    assert.equal((await execute(backend, cwd, BAR)).stderr, "100%|##########|\n");
  },
);

const FRAMES =
  `${DISPLAY}import time\nfor n in range(5):\n    clear_output(wait=True)\n    print('frame', n)\n    display(n)\n`;

scenario(
  "of output that is cleared the last is left, for people and for programs",
  async ({ backend, workspace }) => {
    const cwd = await workspace();
    const { stdout } = (await backend.gractl(["execute-code", "--code", FRAMES], { cwd })).exits(0);
    assert.equal(stdout, "frame 4\n4\n");
    const document = await execute(backend, cwd, FRAMES);
    assert.equal(document.stdout, "frame 4\n");
    assert.deepEqual(document.results.map(({ mime }) => mime["text/plain"]), ["4"]);
  },
);

scenario("bytes that are no text arrive unchanged", async ({ backend, workspace }) => {
  const code = "import sys\nn = sys.stdout.buffer.write(b'\\x89PNG\\r\\n\\x1a\\n\\x00\\rx\\ry')";
  const args = ["execute-code", "--code", code];
  const { stdout } = (await backend.gractl(args, { cwd: await workspace() })).exits(0);
  assert.equal(stdout, "\ufffdPNG\r\n\x1a\n\0\rx\ry");
});

scenario("integers of 64 bits keep their digits in JSON", async ({ backend, workspace }) => {
  const code = `${DISPLAY}JSON({'id': 2**63 - 1, 'ratio': 1.0})`;
  const args = ["execute-code", "-o", "json", "--code", code];
  const { stdout } = (await backend.gractl(args, { cwd: await workspace() })).exits(0);
  assert.ok(stdout.includes('"id":9223372036854775807'), stdout);
  assert.ok(stdout.includes('"ratio":1.0'), stdout);
});

scenario("floats of a YAML file stay floats", async ({ backend, workspace }) => {
  const cwd = await workspace();
  await Deno.writeTextFile(join(cwd, "params.yaml"), "rate: 1.0\nyear: 2013\nbig: 12345678901234567890\n");
  const code = "print(type(rate).__name__, type(year).__name__, big)";
  const args = ["execute-code", "--params-file", "params.yaml", "--code", code];
  assert.equal((await backend.gractl(args, { cwd })).exits(0).stdout, "float int 12345678901234567890\n");
});

scenario(
  "a text of more than a megabyte is a text in JSON, and whole in a file",
  async ({ backend, workspace }) => {
    const code = "class Long:\n    def __repr__(self): return 'begin ' + 'é' * 1_000_000 + ' end'\nLong()";
    const { results, truncated, artifacts } = await execute(backend, await workspace(), code);
    const text = results[0]!.mime["text/plain"];
    assert.ok(typeof text === "string", JSON.stringify(results).slice(0, 200));
    assert.match(text, /^begin é+\n\[… \d+ bytes omitted …\]\né+ end$/);
    assert.equal(truncated.results, true);
    const file = artifacts.find(({ path }) => path.endsWith("/result-1.txt"))!;
    assert.equal((await Deno.readTextFile(file.localPath!)).length, 1_000_010);
  },
);

scenario("exit() is no crash", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const args = ["--session", "exits"];
  assert.equal((await execute(backend, cwd, "print('done')\nexit()", { args })).stdout, "done\n");
  const call = await backend.gractl(["execute-code", "--code", "1", ...args], { cwd });
  assert.match(call.exits(0).stderr, /new kernel and lost its variables: the code called exit\(\)/);
  assert.doesNotMatch(call.stderr, /crash/);
});

scenario("a terminal shows how long silent code has been running", async ({ backend, workspace }) => {
  const code =
    "import os, time\nwhile not os.path.exists('go'): time.sleep(0.05)\nos.remove('go')\nprint('finished')";
  const cwd = await workspace();
  const terminal = inTerminal(backend, ["execute-code", "--code", code], cwd);
  await terminal.saw(/running for \d+ s · Ctrl-C interrupts it/);
  (await backend.gractl(["execute-code", "--session", "other", "--code", "open('go', 'w').close()"], { cwd }))
    .exits(0);
  const { code: exit, stdout } = await terminal.ended;
  assert.equal(exit, 0);
  assert.match(stdout, /finished/);
});
