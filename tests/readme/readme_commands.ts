/** A piece of README.md that is to be run: a block ```sh run, and what the ```text block after it says must be printed. */
export type Example = Readonly<{ line: number; commands: string; printed: readonly string[] }>;

const BLOCK = /^```(sh run|text)\n(.*?)^```$/gms;

/**
 * Blocks with the info string `sh run`, in order. Each non-empty line of a `text` block that follows one directly (only blank
 * lines between) must occur in what the commands print; `…` stands for anything in a line, and a line that is only `…` for any lines.
 */
export function examples(markdown: string): readonly Example[] {
  const found: { line: number; end: number; commands: string; printed: string[] }[] = [];
  for (const { 0: whole, 1: kind, 2: body = "", index } of markdown.matchAll(BLOCK)) {
    const before = found.at(-1);
    if (kind === "sh run") {
      const line = markdown.slice(0, index).split("\n").length;
      found.push({ line, end: index + whole.length, commands: body, printed: [] });
    } else if (before !== undefined && markdown.slice(before.end, index).trim() === "") {
      before.printed.push(
        ...body.split("\n").map((text) => text.trim()).filter((text) => text !== "" && text !== "…"),
      );
    }
  }
  return found.map(({ line, commands, printed }) => ({ line, commands, printed }));
}

/** Whether `output` has a line like `wanted`, in which "…" stands for anything and runs of blanks for one. */
export function isPrinted(wanted: string, output: string): boolean {
  const parts = wanted.split("…").map((part) => RegExp.escape(part).replaceAll(/(\\x20|\s)+/g, "[^\\S\n]+"));
  return new RegExp(parts.join(".*")).test(output);
}
