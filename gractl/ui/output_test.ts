import assert from "node:assert/strict";
import { createOutput, type Format } from "./output.ts";

/** Sinks that take few bytes at a time, as pipes may. */
function outputOn(options: { terminal: boolean; format: Format; quiet?: boolean; columns?: number }) {
  const bytes: Record<"stdout" | "stderr", number[]> = { stdout: [], stderr: [] };
  const sink = (name: "stdout" | "stderr") => {
    const writeSync = (data: Uint8Array) => {
      const some = data.subarray(0, 3);
      bytes[name].push(...some);
      return some.length;
    };
    return {
      stream: () => undefined,
      isTerminal: () => options.terminal,
      columns: () => options.columns ?? 20,
      writeSync,
      write: (data: Uint8Array) => Promise.resolve(writeSync(data)),
    };
  };
  const out = createOutput({ stdout: sink("stdout"), stderr: sink("stderr") });
  out.configure({ format: options.format, color: true, quiet: options.quiet ?? false });
  return { out, text: (name: "stdout" | "stderr") => new TextDecoder().decode(Uint8Array.from(bytes[name])) };
}

const VERSION = { version: "1", api: 1, deno: "2", platform: "linux" };

/** Waits until the module of widths is loaded, and earlier waits for it have ended. */
async function widths(): Promise<void> {
  await import("./width.ts");
  await import("./width.ts");
}

Deno.test("Output.document() prints text for people", () => {
  const { out, text } = outputOn({ terminal: false, format: "text" });
  out.document("Version", VERSION, () => "gractl 1");
  assert.equal(text("stdout"), "gractl 1\n");
});

Deno.test("Output.document() prints one line of JSON for programs", () => {
  const { out, text } = outputOn({ terminal: false, format: "json" });
  out.document("Version", VERSION, () => "no");
  assert.equal(
    text("stdout"),
    '{"apiVersion":"gractl/v1","kind":"Version","version":"1","api":1,"deno":"2","platform":"linux"}\n',
  );
});

Deno.test("Output.document() indents JSON on a terminal", () => {
  const { out, text } = outputOn({ terminal: true, format: "json" });
  out.document("Completion", { shell: "bash", script: "" }, () => "no");
  assert.ok(text("stdout").startsWith('{\n  "apiVersion": "gractl/v1",\n  "kind": "Completion",\n'));
});

Deno.test("Output.write() writes all bytes, unchanged", async () => {
  const { out, text } = outputOn({ terminal: false, format: "text" });
  await out.write("stdout", new TextEncoder().encode("0123456789"));
  assert.equal(text("stdout"), "0123456789");
});

Deno.test("Output.write() shows control sequences of code on a terminal, and does not let them act", async () => {
  const { out, text } = outputOn({ terminal: true, format: "text" });
  const encoder = new TextEncoder();
  await out.write("stdout", encoder.encode("\x1b[31mred\x1b]52;c;x\x07 \x1b["));
  await out.write("stdout", encoder.encode("2J \x1b[3"));
  await out.endStreams();
  assert.equal(text("stdout"), "\x1b[31mred\\x1b]52;c;x\\x07 \\x1b[2J \\x1b[3\x1b[0m");
});

Deno.test("Output ends the colours of code before it prints text of its own", async () => {
  const { out, text } = outputOn({ terminal: true, format: "text" });
  await out.write("stdout", new TextEncoder().encode("\x1b[31mred\n"));
  out.note("a note");
  assert.equal(text("stdout"), "\x1b[31mred\n\x1b[0m");
});

for (const terminal of [true, false]) {
  Deno.test(`Output makes control sequences in its own text visible, ${terminal ? "on" : "without"} a terminal`, () => {
    const { out, text } = outputOn({ terminal, format: "text" });
    out.note("a\x1b]0;b\x07");
    out.question("q\r\x1b[A? ");
    out.warn("c\x9b2J");
    out.text("\x1b[31md\x1b[39m\u202e\n");
    out.document("Version", VERSION, () => "e\rf\n");
    assert.equal(text("stderr"), "a\\x1b]0;b\\x07\nq\\x0d\\x1b[A? c\\x9b2J\n");
    assert.equal(text("stdout"), "\x1b[31md\x1b[39m\\u202e\ne\\x0df\n");
  });
}

Deno.test("Output.document() escapes in JSON what acts on a terminal", () => {
  const { out, text } = outputOn({ terminal: false, format: "json" });
  out.document("Completion", { shell: "bash", script: "\x9b2J\u202e" }, () => "no");
  assert.match(text("stdout"), /"script":"\\u009b2J\\u202e"/);
});

Deno.test("Output.progress() shows one line on a terminal, cut to its width, and clears it", async () => {
  const { out, text } = outputOn({ terminal: true, format: "text" });
  out.progress("x".repeat(50));
  await out.write("stdout", new TextEncoder().encode("out\n"));
  assert.equal(text("stderr"), `${"x".repeat(19)}\r\x1b[K`);
});

for (
  const [title, text, columns, shown] of [
    ["wide characters", "データを取得", 8, "データ"],
    ["an emoji of several code points", "abc👩‍🚀", 5, "abc"],
    ["a whole emoji that fits", "abc👩‍🚀d", 6, "abc👩‍🚀"],
  ] as const
) {
  Deno.test(`Output.progress() cuts ${title} to the terminal's width, between characters`, async () => {
    const { out, text: written } = outputOn({ terminal: true, format: "text", columns });
    out.progress(text);
    await widths();
    assert.equal(written("stderr"), shown);
  });
}

Deno.test("Output.progress() shows nothing that is out of date when the widths are known", async () => {
  const { out, text } = outputOn({ terminal: true, format: "text", columns: 80 });
  out.progress("東京");
  out.progress("東京");
  out.progress("大阪");
  out.note("a note");
  await widths();
  assert.equal(text("stderr"), "a note\n");
});

Deno.test("Output.progress() makes control sequences visible", () => {
  const { out, text } = outputOn({ terminal: true, format: "text", columns: 80 });
  out.progress("a\x1b[2J\nb");
  assert.equal(text("stderr"), "a\\x1b[2J\\nb");
});

Deno.test("Output.progress() shows its line on a terminal of unknown width", () => {
  const { out, text } = outputOn({ terminal: true, format: "text", columns: 0 });
  out.progress("starting runner-1");
  assert.equal(text("stderr"), "starting runner-1");
});

for (
  const [name, options] of [
    ["without a terminal", { terminal: false, format: "text" }],
    ["under json", { terminal: true, format: "json" }],
    ["under --quiet", { terminal: true, format: "text", quiet: true }],
  ] as const
) {
  Deno.test(`Output.progress() prints nothing ${name}`, () => {
    const { out, text } = outputOn(options);
    out.progress("starting");
    assert.equal(text("stderr"), "");
  });
}

Deno.test("Output.note() is silent under --quiet, warn() is not", () => {
  const { out, text } = outputOn({ terminal: false, format: "text", quiet: true });
  out.note("a note");
  out.warn("a warning");
  assert.equal(text("stderr"), "a warning\n");
});
