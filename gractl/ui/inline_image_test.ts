import assert from "node:assert/strict";
import { imageProtocol, imageSequence } from "./inline_image.ts";

const protocols: [env: Record<string, string>, protocol: string | undefined][] = [
  [{ TERM: "xterm-256color" }, undefined],
  [{}, undefined],
  [{ TERM: "xterm-kitty" }, "kitty"],
  [{ TERM: "xterm-256color", KITTY_WINDOW_ID: "1" }, "kitty"],
  [{ TERM: "xterm-ghostty" }, "kitty"],
  [{ TERM_PROGRAM: "iTerm.app" }, "iterm2"],
  [{ LC_TERMINAL: "iTerm2" }, "iterm2"],
  [{ TERM_PROGRAM: "WezTerm" }, "iterm2"],
  [{ TERM_PROGRAM: "Apple_Terminal" }, undefined],
  [{ KITTY_WINDOW_ID: "1", TMUX: "/tmp/tmux-0/default,1,0" }, undefined],
  [{ TERM: "screen-256color", LC_TERMINAL: "iTerm2" }, undefined],
];
for (const [env, protocol] of protocols) {
  Deno.test(`imageProtocol() of ${JSON.stringify(env)} is ${protocol}`, () =>
    assert.equal(imageProtocol(env), protocol));
}

function png(options: { width?: number; height?: number; more?: number } = {}): Uint8Array {
  const { width = 10, height = 10, more = 100 } = options;
  const bytes = new Uint8Array(24 + more).fill(0x1b);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return bytes;
}

Deno.test("imageSequence() for kitty is in chunks of base64", () => {
  const image = png({ more: 7_000 });
  const sequence = imageSequence(image, "kitty")!;
  // deno-lint-ignore no-control-regex
  const chunks = [...sequence.matchAll(/\x1b_G([^;]*);([A-Za-z0-9+/=]{1,4096})\x1b\\/g)];
  assert.equal(chunks.map(([whole]) => whole).join(""), sequence);
  assert.deepEqual(chunks.map(([, keys]) => keys), ["a=T,f=100,q=2,m=1", "m=1", "m=0"]);
  assert.deepEqual(Uint8Array.fromBase64(chunks.map(([, , data]) => data).join("")), image);
});

Deno.test("imageSequence() for iTerm2 is one sequence of base64", () => {
  const image = png();
  assert.equal(imageSequence(image, "iterm2"), `\x1b]1337;File=inline=1;size=124:${image.toBase64()}\x07`);
});

const refused: [name: string, bytes: Uint8Array][] = [
  ["what is no PNG", new TextEncoder().encode("\x1b]0;title\x07".repeat(10))],
  ["half a header", png().slice(0, 20)],
  ["a side of many pixels", png({ width: 2 ** 31 })],
  ["no height", png({ height: 0 })],
  ["many bytes", png({ more: 4 * 2 ** 20 })],
];
for (const [name, bytes] of refused) {
  Deno.test(`imageSequence() refuses ${name}`, () => assert.equal(imageSequence(bytes, "kitty"), undefined));
}
