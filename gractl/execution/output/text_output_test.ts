import assert from "node:assert/strict";
import type { EventKind, MimePart } from "../../client/executions.ts";
import { fakeDeps } from "../../testing/fake_deps.ts";
import { eventsOf, EXECUTION, fakeGrad, STARTED, SUCCEEDED, utf8 } from "../../testing/fake_grad.ts";
import { showExecution } from "../show_execution.ts";

type Shown = { stdout: string; stderr: string };

async function show(
  kinds: readonly EventKind[],
  options: {
    format?: "text" | "json";
    terminal?: boolean;
    quiet?: boolean;
    inline?: boolean;
    env?: Record<string, string>;
  } = {},
): Promise<Shown> {
  const { format = "text", terminal = false, quiet = false, inline = true, env = {} } = options;
  const client = fakeGrad();
  const deps = fakeDeps({ client, terminal, env });
  deps.out.configure({ format, color: false, quiet });
  await showExecution(deps, {
    execution: EXECUTION,
    events: (async function* () {
      yield* eventsOf(STARTED, ...kinds, SUCCEEDED);
    })(),
    client,
    outputs: () => undefined,
    artifacts: false,
    inline,
    warnings: [],
    signal: deps.signal,
  });
  return deps.text;
}

const stdout = (text: string): EventKind => ({ type: "stdout", data: utf8(text) });
const stderr = (text: string): EventKind => ({ type: "stderr", data: utf8(text) });
const clear = (wait = false): EventKind => ({ type: "clear", wait });

function result(parts: Record<string, string | MimePart>): EventKind {
  const all = Object.entries(parts).map(([mediaType, part]): MimePart =>
    typeof part === "string" ? { mediaType, data: utf8(part), path: "", bytes: utf8(part).length } : part
  );
  return { type: "result", bundle: { displayId: "", update: false, parts: all } };
}

const saved = (mediaType: string, text: string, path: string, bytes = utf8(text).length): MimePart => ({
  mediaType,
  data: utf8(text),
  path,
  bytes,
});

const BARE = "<IPython.core.display.HTML object>";

const texts: [name: string, event: EventKind, text: string][] = [
  [
    "Markdown",
    result({ "text/plain": "<IPython.core.display.Markdown object>", "text/markdown": "# Title" }),
    "# Title\n",
  ],
  ["LaTeX of an object without a text", result({ "text/plain": "<a>", "text/latex": "$x$" }), "$x$\n"],
  [
    "the text of an object that has LaTeX, too",
    result({ "text/plain": "x**2", "text/latex": "$x^2$" }),
    "x**2\n",
  ],
  [
    "where HTML was saved",
    result({ "text/plain": BARE, "text/html": saved("text/html", "<p>", "outputs/x/result-1.html") }),
    "html: outputs/x/result-1.html (in the runner)\n",
  ],
  [
    "the text of an object that has HTML, too",
    result({ "text/plain": "a  b", "text/html": "<p>" }),
    "a  b\n",
  ],
  [
    "what Python prints where there is nothing else",
    result({ "text/plain": BARE, "text/html": "<p>" }),
    `${BARE}\n`,
  ],
  [
    "a part of a long text, and where all of it is",
    result({ "text/plain": saved("text/plain", "begin…end", "outputs/x/result-1.txt", 2 ** 21) }),
    "begin…end\n[text/plain, 2.0 MiB: outputs/x/result-1.txt (in the runner)]\n",
  ],
  [
    "where a PDF was saved",
    result({ "application/pdf": saved("application/pdf", "%PDF", "outputs/x/result-1.pdf") }),
    "plot: outputs/x/result-1.pdf (in the runner)\n",
  ],
  [
    "where a file of another type was saved",
    result({ "application/x-model": saved("application/x-model", "bin", "outputs/x/result-1.bin") }),
    "[application/x-model, 3 B: outputs/x/result-1.bin (in the runner)]\n",
  ],
];
for (const [name, event, text] of texts) {
  Deno.test(`showExecution() as text shows ${name}`, async () => {
    assert.equal((await show([event])).stdout, text);
  });
}

const bar = [stderr("\r  0%|  |"), stderr("\r 50%|# |"), stderr("\r100%|##|\n")];

Deno.test("showExecution() shows the last state of a progress bar, in JSON too", async () => {
  assert.equal((await show(bar)).stderr, "100%|##|\n");
  assert.equal(JSON.parse((await show(bar, { format: "json" })).stdout).stderr, "100%|##|\n");
});

Deno.test("showExecution() leaves a progress bar to the terminal", async () => {
  assert.match((await show(bar, { terminal: true })).stderr, /^\r {2}0%\| {2}\|\r 50%\|# \|\r100%\|##\|\n/);
});

Deno.test("showExecution() writes what is left of a line before a result and before an error", async () => {
  assert.equal((await show([stdout("a\rb"), result({ "text/plain": "1" }), stdout("c")])).stdout, "b\n1\nc");
  const error: EventKind = {
    type: "error",
    error: { code: "code_raised", name: "E", message: "", traceback: ["E"], hint: "", fullTraceback: [] },
  };
  assert.equal((await show([stderr("\r50%"), error])).stderr, "50%\nE\n");
});

const frames = [
  stdout("first\n"),
  clear(true),
  stdout("second\n"),
  result({ "text/plain": "2" }),
  clear(true),
  stdout("third\n"),
];

Deno.test("showExecution() removes output that the code clears", async () => {
  assert.equal((await show(frames)).stdout, "first\nthird\n"); // the first is printed before anyone knows
  const document = JSON.parse((await show(frames, { format: "json" })).stdout);
  assert.deepEqual([document.stdout, document.results], ["third\n", []]);
});

Deno.test("showExecution() keeps output when nothing follows a clearing that waits", async () => {
  const document = JSON.parse((await show([stdout("kept\n"), clear(true)], { format: "json" })).stdout);
  assert.equal(document.stdout, "kept\n");
  const now = JSON.parse((await show([stdout("gone\n"), clear()], { format: "json" })).stdout);
  assert.equal(now.stdout, "");
});

Deno.test("showExecution() removes lines from a terminal, and only those of the code", async () => {
  const { stdout: text } = await show([stdout("a\nb\n"), clear(), stdout("c\n")], { terminal: true });
  assert.equal(text, "a\nb\n\x1b[2F\x1b[Jc\n");
});

Deno.test("showExecution() does not hold more than a megabyte that could be cleared", async () => {
  const { stdout: text } = await show([clear(), stdout(`${"x".repeat(2 ** 20)}\n`), clear(), stdout("y\n")]);
  assert.equal(text.length, 2 ** 20 + 1 + 2);
});

Deno.test("showExecution() lists files where images are, on standard output; none under --quiet", async () => {
  const artifact: EventKind = {
    type: "artifact",
    artifact: { path: "t.csv", bytes: 3, sha256: "", mediaType: "text/csv" },
  };
  const image = result({ "image/png": saved("image/png", "p", "outputs/x/figure-1.png") });
  const { stdout: text, stderr: notes } = await show([stdout("a"), image, artifact]);
  assert.equal(text, "a\nplot: outputs/x/figure-1.png (in the runner)\nfile: t.csv (in the runner) (3 B)\n");
  assert.equal(notes, "");
  assert.doesNotMatch((await show([artifact], { quiet: true })).stdout, /file:/);
});

const numbers: [name: string, text: string][] = [
  ["large integers", '{"a":[9007199254740993,-12345678901234567890]}'],
  ["floats without a fraction", '{"a":1.0}'],
];
for (const [name, text] of numbers) {
  Deno.test(`showExecution() as JSON keeps the digits of ${name}`, async () => {
    const { stdout: document } = await show([result({ "application/json": text })], { format: "json" });
    assert.ok(document.includes(`"application/json":${text}`), document);
  });
}

Deno.test("showExecution() as JSON has a long text as text, and says that it is cut", async () => {
  const part = saved("text/plain", "begin…end", "outputs/x/result-1.txt", 2 ** 21);
  const document = JSON.parse((await show([result({ "text/plain": part })], { format: "json" })).stdout);
  assert.equal(document.results[0].mime["text/plain"], "begin…end");
  assert.equal(document.truncated.results, true);
});

Deno.test("showExecution() as JSON has JSON that is nested too deep as text", async () => {
  const deep = "[".repeat(30_000) + "]".repeat(30_000);
  const document = JSON.parse(
    (await show([result({ "application/json": deep })], { format: "json" })).stdout,
  );
  assert.equal(document.results[0].mime["application/json"], deep);
});

Deno.test("showExecution() shows a plot on a terminal that takes images, and where it is", async () => {
  const png = Uint8Array.from([
    0x89,
    0x50,
    0x4e,
    0x47,
    0x0d,
    0x0a,
    0x1a,
    0x0a,
    ...Array(8).fill(0),
    0,
    0,
    0,
    9,
    0,
    0,
    0,
    9,
  ]);
  const part: MimePart = {
    mediaType: "image/png",
    data: png,
    path: "outputs/x/figure-1.png",
    bytes: png.length,
  };
  const plot = `plot: ${part.path} (in the runner)\n`;
  const image = result({ "image/png": part });
  const kitty = { TERM: "xterm-kitty" };
  const shown = (await show([image], { terminal: true, env: kitty })).stdout;
  assert.equal(shown, `\x1b_Ga=T,f=100,q=2,m=0;${png.toBase64()}\x1b\\\n${plot}`);
  assert.equal((await show([image], { terminal: true, env: kitty, inline: false })).stdout, plot);
  assert.equal((await show([image], { terminal: true })).stdout, plot);
  assert.equal((await show([image], { env: kitty })).stdout, plot);
});
