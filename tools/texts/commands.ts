/** Commands that texts name (`gractl …`, `grad …`, `make …`, `deno task …`), against those that exist. */

/** A command with the commands below it and its options, `--long` and `-s`. */
export type CommandNode = {
  commands: ReadonlyMap<string, CommandNode>;
  options: ReadonlySet<string>;
};

/** What exists, by the program's name. */
export type Programs = Readonly<Record<"gractl" | "grad" | "make" | "deno task", CommandNode>>;

/** A command as a text names it; `line` from 1. */
export type NamedCommand = { line: number; program: keyof Programs; words: readonly string[] };

const PROGRAM = String.raw`(?:[A-Z_]+=\S+ )*(?:\.?/?dist/)?(gractl|grad|make|deno task)`;
/** In code and prose a command stands in backticks, escaped ones too. */
const IN_BACKTICKS = new RegExp("`" + PROGRAM + String.raw`[ ]([^` + "`" + String.raw`\n\\]+)`, "g");
/** In fenced and indented blocks it begins the line. */
const ON_ITS_LINE = new RegExp(String.raw`^(?:\$ )?` + PROGRAM + String.raw` (.+)$`);

/** What may stand for a word: a placeholder, a variable, an ellipsis, an alternative. */
const PLACEHOLDER = /^[[<{($…A-Z"']|…|\.\.\.|[|*]/;
const END_OF_COMMAND = /^(?:[|;&#]|<<|>|&&|\\$)/;

function words(text: string): string[] {
  const found: string[] = [];
  // Quoted arguments are one word.
  for (const [word] of text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+|["']/g)) {
    if (END_OF_COMMAND.test(word)) break;
    found.push(word);
  }
  return found;
}

/** Whether a backtick after `before` begins a template: it is not escaped, nor within a comment or a string. */
function isTemplate(before: string): boolean {
  const inString = before.split('"').length % 2 === 0;
  return !inString && !/\/\/|\*|\\$/.test(before);
}

/**
 * Commands named in a text. In Markdown fenced and indented lines are commands too; in TypeScript a backtick that is not escaped and
 * not within a comment or a string begins a template, not a command.
 */
export function namedCommands(text: string, kind: "markdown" | "typescript" | "other"): NamedCommand[] {
  const blocks = kind === "markdown";
  const found: NamedCommand[] = [];
  let fenced = false;
  text.split("\n").forEach((line, index) => {
    const add = (program: string, rest: string) =>
      found.push({ line: index + 1, program: program as keyof Programs, words: words(rest) });
    if (blocks && /^\s*```/.test(line)) fenced = !fenced;
    const block = blocks && (fenced || line.startsWith("    ")) ? ON_ITS_LINE.exec(line.trim()) : null;
    if (block !== null) return add(block[1]!, block[2]!);
    for (const { 1: program, 2: rest, index: at } of line.matchAll(IN_BACKTICKS)) {
      if (kind === "typescript" && isTemplate(line.slice(0, at))) continue;
      add(program!, rest!);
    }
  });
  return found;
}

/** Why a command does not exist, or undefined if it does. Arguments of commands are not judged. */
export function commandFault({ program, words }: NamedCommand, programs: Programs): string | undefined {
  let node = programs[program];
  let path: string = program;
  let descends = true;
  for (const word of words) {
    if (word === "--") return undefined;
    if (word.startsWith("-")) {
      descends &&= node.commands.size === 0;
      const option = word.replace(/^\[/, "").replace(/[=,\])].*$/, "");
      if (/[<…]/.test(option) || option === "-") continue;
      if (!node.options.has(option)) return `${path} has no option ${option}`;
      continue;
    }
    if (!descends || node.commands.size === 0) continue;
    if (PLACEHOLDER.test(word)) {
      descends = false;
      continue;
    }
    const name = word.replace(/[.,;:)]+$/, "");
    const next = node.commands.get(name);
    // `make A=b target`
    if (next === undefined && program === "make" && name.includes("=")) continue;
    if (next === undefined) return `${path} has no command "${name}"`;
    node = next;
    path += ` ${name}`;
    // A second target of make is one of the same list.
    if (program === "make") [node, path] = [programs.make, "make"];
  }
  return undefined;
}
