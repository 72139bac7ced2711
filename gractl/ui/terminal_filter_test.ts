import assert from "node:assert/strict";
import { HARMLESS } from "./testing/harmless.ts";
import { CodeLines, onlyStyle, TerminalFilter } from "./terminal_filter.ts";

const encoder = new TextEncoder();

/** Filters the parts one after the other, as one stream. */
function filtered(...parts: (string | Uint8Array)[]): string {
  const filter = new TerminalFilter(new CodeLines());
  const bytes = parts.map((part) => typeof part === "string" ? encoder.encode(part) : part);
  return bytes.map((part) => filter.write(part)).join("") + filter.end();
}

const PASSING: [name: string, text: string][] = [
  ["text", "plain é✓ 東京 👩‍🚀 ☀️ 👍🏽 #️⃣ שלום"],
  ["line ends, tabs and backspace", "a\r\nb\tc\b"],
  [
    "colours and emphasis",
    "\x1b[1;31mred\x1b[0m \x1b[38;5;8mgrey\x1b[m \x1b[48;2;8;8;8mdark\x1b[4:3m~\x1b[38:2::8:8:8m",
  ],
  ["a progress bar", "10%\r\x1b[K20%\r\x1b[2K100%\n"],
  ["several progress bars", "a\nb\n\x1b[A\x1b[1Fx\x1b[3C\x1b[2D\x1b[5G\x1b[B\x1b[E\x1b[J"],
];
for (const [name, text] of PASSING) {
  Deno.test(`TerminalFilter passes ${name}`, () => assert.equal(filtered(text), text));
}

const SHOWN: [name: string, text: string, want: string][] = [
  ["the clipboard", "\x1b]52;c;ZXZpbA==\x07", "\\x1b]52;c;ZXZpbA==\\x07"],
  ["a title", "\x1b]0;title\x1b\\", "\\x1b]0;title\\x1b\\"],
  ["a link", "\x1b]8;;http://a\x1b\\b", "\\x1b]8;;http://a\\x1b\\b"],
  ["DCS", "\x1bP1$r0m\x1b\\", "\\x1bP1$r0m\\x1b\\"],
  ["APC, PM and SOS", "\x1b_a\x1b^b\x1bXc", "\\x1b_a\\x1b^b\\x1bXc"],
  ["C1 as UTF-8", "\u009d52;c;x\u009c\u009b2J", "\\x9d52;c;x\\x9c\\x9b2J"],
  ["a reset of the terminal", "\x1bc", "\\x1bc"],
  ["clearing of the screen", "\x1b[2J\x1b[H\x1b[3J\x1b[1J", "\\x1b[2J\\x1b[H\\x1b[3J\\x1b[1J"],
  ["modes", "\x1b[?1049h\x1b[?2004h\x1b[4h", "\\x1b[?1049h\\x1b[?2004h\\x1b[4h"],
  ["questions to the terminal", "\x1b[6n\x1b[c\x1b[21t\x05", "\\x1b[6n\\x1b[c\\x1b[21t\\x05"],
  ["scrolling and inserting", "\x1b[5S\x1b[2L\x1b[2@\x1b[1;2r", "\\x1b[5S\\x1b[2L\\x1b[2@\\x1b[1;2r"],
  [
    "hidden text",
    "\x1b[8mx\x1b[1;8m\x1b[38;5;1;8m\x1b[08m\x1b[8:1m\x1b[38;9;8m",
    "\\x1b[8mx\\x1b[1;8m\\x1b[38;5;1;8m\\x1b[08m\\x1b[8:1m\\x1b[38;9;8m",
  ],
  ["a sequence in a sequence", "\x1b[3\x1b[2J1m", "\\x1b[3\\x1b[2J1m"],
  ["a sequence with a control character in it", "\x1b[3\x001m", "\\x1b[3\\x001m"],
  [
    "bell, form feed, vertical tab, DEL, shift out, shift in",
    "\x07\f\v\x7f\x0e\x0f",
    "\\x07\\x0c\\x0b\\x7f\\x0e\\x0f",
  ],
  ["marks of direction", "a\u202eb\u2066c\u200f", "a\\u202eb\\u2066c\\u200f"],
  [
    "characters without a width",
    "a\u200bb\u200dc\u2060\ufeff\u00ad\u{e0041}d\ufe0f",
    "a\\u200bb\\u200dc\\u2060\\xad\\u{e0041}d\\ufe0f",
  ],
  ["line separators", "a\u2028b\u2029", "a\\u2028b\\u2029"],
  [
    "a movement above the code's own lines",
    "\x1b[A\n\x1b[2A\x1b[1A\x1b[F",
    "\\x1b[A\n\\x1b[2A\x1b[1A\\x1b[F",
  ],
  ["a movement below them", "\x1b[B\n\x1b[E", "\\x1b[B\n\\x1b[E"],
];
for (const [name, text, want] of SHOWN) {
  Deno.test(`TerminalFilter shows ${name}`, () => {
    // TextDecoder drops a mark at the very beginning only.
    assert.equal(filtered(text).replaceAll("\\ufeff", ""), want);
  });
}

Deno.test("TerminalFilter drops hiding and showing of the cursor", () => {
  assert.equal(filtered("\x1b[?25l50%\x1b[?25h"), "50%");
});

Deno.test("TerminalFilter shows bytes that are no UTF-8, such as C1 of eight bits, as replacement characters", () => {
  assert.equal(filtered(Uint8Array.of(0x9d, 0x35, 0x9b, 0x32, 0x4a, 0xff)), "\ufffd5\ufffd2J\ufffd");
});

Deno.test("TerminalFilter ends an unfinished sequence at the end of the stream", () => {
  assert.equal(filtered("a\x1b[3"), "a\\x1b[3");
  assert.equal(filtered("a\x1b"), "a\\x1b");
});

Deno.test("TerminalFilter holds back no endless sequence", () => {
  const filter = new TerminalFilter(new CodeLines());
  let shown = "";
  for (let at = 0; at < 1_000; at++) shown += filter.write(encoder.encode(at === 0 ? "\x1b[1" : "1"));
  assert.ok(shown.length > 900, `${shown.length} of 1,000 characters were shown`);
  assert.ok(!shown.includes("\x1b"));
  // Kinds that never pass, such as OSC, are not held back at all.
  assert.equal(new TerminalFilter(new CodeLines()).write(encoder.encode("\x1b]0;")), "\\x1b]0;");
});

Deno.test("TerminalFilter.endStyle() ends colours that were left on, once", () => {
  const filter = new TerminalFilter(new CodeLines());
  assert.equal(filter.endStyle(), "");
  filter.write(encoder.encode("\x1b[41m"));
  assert.equal(filter.endStyle(), "\x1b[0m");
  assert.equal(filter.endStyle(), "");
});

Deno.test("CodeLines are those of all streams, from what was printed last by others on", () => {
  const lines = new CodeLines();
  const [stdout, stderr] = [new TerminalFilter(lines), new TerminalFilter(lines)];
  const up = encoder.encode("\x1b[A");
  stdout.write(encoder.encode("a\nb\n"));
  assert.equal(stderr.write(up), "\x1b[A");
  lines.restart();
  assert.equal(stdout.write(up), "\\x1b[A");
});

/** A repeatable source of random numbers (xorshift). */
function random(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const PIECES = [
  ..."ab08;:?[]JmKHAB\\\r\n\t\b\x1b\x1b\x1b\x1b\x07\x00\x7f\x18\x9b\x9c\x9d\u202e\u200b\u200d\ufe0f👩🚀é1234",
  ..."\x1b[ \x1b] \x1bP \x1b[3 \x1b[?25 \x1b[2K \x1b[A \x1b[F \x1b[1;31m \x1b[8m \u{e0041}".split(" "),
];

/** A terminal as far as lines go: whether its cursor has ever been above the line where it started. */
function leavesUpwards(text: string): boolean {
  let row = 0;
  // deno-lint-ignore no-control-regex
  for (const [token, count = "", final] of text.matchAll(/\n|\x1b\[(\d*)([ABEF])/g)) {
    if (token === "\n") row++;
    else row += Math.max(1, Number(count)) * (final === "A" || final === "F" ? -1 : 1);
    if (row < 0) return true;
  }
  return false;
}

Deno.test("TerminalFilter lets nothing harmful through, however its input is made and cut", () => {
  for (let seed = 1; seed <= 3_000; seed++) {
    const next = random(seed);
    const text = Array.from({ length: 1 + next(60) }, () => PIECES[next(PIECES.length)]).join("");
    const bytes = encoder.encode(text);
    // Some bytes are no UTF-8.
    if (next(4) === 0) bytes[next(bytes.length)] = 0x80 + next(0x80);
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const length = 1 + next(next(2) === 0 ? 2 : 30);
      parts.push(bytes.subarray(at, at + length));
      at += length;
    }
    const shown = filtered(...parts);
    assert.match(shown, HARMLESS, `seed ${seed}: ${JSON.stringify(text)}`);
    assert.ok(!leavesUpwards(shown), `seed ${seed}: ${JSON.stringify(text)}`);
    assert.equal(shown, filtered(bytes), `seed ${seed}: a cut changes what is shown`);
  }
});

Deno.test("TerminalFilter takes time with the length of what code prints, not with its square", () => {
  // Each of these took minutes while gractl could not be interrupted: the runs of tests have a deadline.
  for (const piece of ["\0", "\u200d", "👩\u200d", "\x1b[", "\x1b[31m", "\n"]) {
    const shown = filtered(encoder.encode("ab"), encoder.encode(piece.repeat(2 ** 20)));
    assert.ok(shown.length > 2 ** 20, JSON.stringify(piece));
  }
});

Deno.test("onlyStyle() passes gractl's colours, line ends and tabs, and shows everything else", () => {
  assert.equal(onlyStyle("\x1b[31ma\x1b[39m\tb\n"), "\x1b[31ma\x1b[39m\tb\n");
  assert.equal(
    onlyStyle("a\r\x1b]0;x\x07\x1b[8mh\x1b[A\x1b\x1b[2J"),
    "a\\x0d\\x1b]0;x\\x07\\x1b[8mh\\x1b[A\\x1b\\x1b[2J",
  );
});
