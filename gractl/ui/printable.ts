/**
 * Text from elsewhere (file names, messages, other people's workspaces) that is safe to show in one line: what would move the
 * cursor or change the terminal becomes visible.
 */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}

/** The same for text of several lines. */
export function printableLines(text: string): string {
  return text.split("\n").map((line) => line.split("\t").map(printable).join("\t")).join("\n");
}
