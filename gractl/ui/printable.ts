/**
 * Characters that act on a terminal instead of being shown: C0 and C1 control characters, line separators, and the marks that
 * change the direction of text (with them, a name can be made to look like another).
 */
// deno-lint-ignore no-control-regex
const ACTING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Makes text from elsewhere (file names, messages, other people's workspaces) safe to show in one line: characters that act on a
 * terminal are shown as escapes.
 */
export function printable(text: string): string {
  return text.replaceAll(ACTING, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** The same for text of several lines, whose line ends and tabs stay. */
export function printableLines(text: string): string {
  return text.split("\n").map((line) => line.split("\t").map(printable).join("\t")).join("\n");
}
