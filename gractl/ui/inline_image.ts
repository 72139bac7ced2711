/** How a terminal takes images: kitty's graphics protocol, or iTerm2's inline images. */
export type ImageProtocol = "kitty" | "iterm2";

/** The terminal decodes the image: what code made must not take its memory. */
const MAX_BYTES = 4 * 2 ** 20;
const MAX_SIDE_PIXELS = 8_192;
/** Of base64 in one sequence of kitty. */
const CHUNK_CHARACTERS = 4_096;

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** What the terminal of these environment variables can; `undefined` where it is not known, and in tmux and screen, which pass no images on. */
export function imageProtocol(env: Readonly<Record<string, string>>): ImageProtocol | undefined {
  if (env["TMUX"] || env["STY"] || /^(?:screen|tmux)/.test(env["TERM"] ?? "")) return undefined;
  if (env["KITTY_WINDOW_ID"] || /^xterm-(?:kitty|ghostty)$/.test(env["TERM"] ?? "")) return "kitty";
  const programs = [env["TERM_PROGRAM"], env["LC_TERMINAL"]];
  return programs.some((program) => program === "iTerm.app" || program === "iTerm2" || program === "WezTerm")
    ? "iterm2"
    : undefined;
}

/** The sequence that shows a PNG; `undefined` for what is none or is too large. It has nothing of the image but base64. */
export function imageSequence(png: Uint8Array, protocol: ImageProtocol): string | undefined {
  if (png.length > MAX_BYTES || png.length < 24 || PNG.some((byte, at) => png[at] !== byte)) return undefined;
  const header = new DataView(png.buffer, png.byteOffset);
  const sides = [header.getUint32(16), header.getUint32(20)];
  if (sides.some((side) => side === 0 || side > MAX_SIDE_PIXELS)) return undefined;
  const base64 = png.toBase64();
  if (protocol === "iterm2") return `\x1b]1337;File=inline=1;size=${png.length}:${base64}\x07`;
  const chunks = base64.match(new RegExp(`.{1,${CHUNK_CHARACTERS}}`, "g")) ?? [];
  return chunks.map((chunk, at) => {
    const more = at < chunks.length - 1 ? 1 : 0;
    return `\x1b_G${at === 0 ? "a=T,f=100,q=2," : ""}m=${more};${chunk}\x1b\\`;
  }).join("");
}
