/** A word that takes a value: an operand, or an option with a value. */
export type Slot = Readonly<{
  /** "--dataset" for an option, "dataset get <name>" for an operand. */
  id: string;
  /** The closed set of its values, where there is one. */
  choices: readonly string[];
  /** Its value is a path of this machine, so the shell may complete file names. */
  isPath: boolean;
}>;

export type Option = Readonly<{
  /** "-o" and "--output": the short form, if any, comes first. */
  flags: readonly string[];
  description: string;
  /** `undefined` for an option without a value. */
  value: Slot | undefined;
}>;

/** What completion needs to know of a command and its subcommands. */
export type Tree = Readonly<{
  name: string;
  description: string;
  commands: readonly Tree[];
  options: readonly Option[];
  operands: readonly Slot[];
}>;

export type Candidate = Readonly<{ value: string; description: string }>;

/** `files`: the shell should propose file names when there are no items. */
export type Candidates = Readonly<{ items: readonly Candidate[]; files: boolean }>;

/** Values of a slot without choices, known on this machine. `given` has the values of the options before it, by long flag. */
export type Values = (slot: Slot, given: ReadonlyMap<string, string>) => Promise<readonly string[]>;

type Position = Readonly<{
  command: Tree;
  /** How many operands come before the last word. */
  operands: number;
  /** The last word is the value of this option. */
  awaited: Option | undefined;
  /** "--" was given: what follows is never an option. */
  optionsEnded: boolean;
  given: ReadonlyMap<string, string>;
}>;

/** Finds in the tree where the last word stands, by the whole words before it. */
function locate(root: Tree, before: readonly string[]): Position {
  const given = new Map<string, string>();
  let command = root;
  let operands = 0;
  let awaited: Option | undefined;
  let optionsEnded = false;
  for (const word of before) {
    if (awaited !== undefined) {
      given.set(awaited.flags.at(-1)!, word);
      awaited = undefined;
    } else if (!optionsEnded && word === "--") {
      optionsEnded = true;
    } else if (!optionsEnded && word.startsWith("-") && word !== "-") {
      const [flag, value] = splitAtEquals(word);
      const option = command.options.find(({ flags }) => flags.includes(flag));
      if (option?.value === undefined) continue;
      if (value === undefined) awaited = option;
      else given.set(option.flags.at(-1)!, value);
    } else {
      const child = command.commands.find(({ name }) => name === word);
      if (child === undefined) operands++;
      else command = child;
    }
  }
  return { command, operands, awaited, optionsEnded, given };
}

/** "--name=value" as its two halves. */
function splitAtEquals(word: string): [flag: string, value: string | undefined] {
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

/** What the last of `words` may become; the words before it are complete. The shell's quotes have been removed from all of them. */
export async function candidates(root: Tree, words: readonly string[], values: Values): Promise<Candidates> {
  const last = words.at(-1) ?? "";
  const { command, operands, awaited, optionsEnded, given } = locate(root, words.slice(0, -1));

  async function ofSlot(slot: Slot | undefined, prefix = ""): Promise<Candidates> {
    if (slot === undefined) return { items: [], files: false };
    const known = slot.choices.length > 0 ? slot.choices : await values(slot, given);
    const items = known.map((value) => ({ value: prefix + value, description: "" }));
    return { items: items.filter(({ value }) => value.startsWith(last)), files: slot.isPath };
  }
  const named = (items: readonly Candidate[]): Candidates => ({
    items: items.filter(({ value }) => value.startsWith(last)),
    files: false,
  });

  if (awaited !== undefined) return await ofSlot(awaited.value);
  if (last.startsWith("-") && !optionsEnded) {
    const [flag, value] = splitAtEquals(last);
    if (value !== undefined) {
      const option = command.options.find(({ flags }) => flags.includes(flag));
      return await ofSlot(option?.value, `${flag}=`);
    }
    return named(
      command.options.flatMap(({ flags, description }) =>
        flags.filter((each) => each.startsWith("--")).map((each) => ({ value: each, description }))
      ),
    );
  }
  if (command.commands.length > 0) {
    return named(command.commands.map(({ name, description }) => ({ value: name, description })));
  }
  const found = await ofSlot(command.operands[operands]);
  // A URL is no path of this machine.
  return last.includes("://") ? { ...found, files: false } : found;
}
