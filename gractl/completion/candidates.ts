/** As much of a command tree as completion needs; commander's commands are that. */
export type Tree = Readonly<{
  name: string;
  description: string;
  commands: readonly Tree[];
  options: readonly Readonly<{ flags: readonly string[]; description: string; takesValue: boolean }>[];
  /** Names of its operands, in order. */
  operands: readonly string[];
}>;

export type Candidate = Readonly<{ value: string; description: string }>;

/** Values of an option ("--dataset") or an operand ("dataset get <name>"), where they are known on this machine. */
export type Values = (of: string) => Promise<readonly string[]>;

/** What the last of `words` may become; the words before it are whole. Nothing means: perhaps a file. */
export async function candidates(
  root: Tree,
  words: readonly string[],
  values: Values,
): Promise<readonly Candidate[]> {
  let command = root;
  let path = "";
  let operands = 0;
  let awaited: string | undefined;
  for (const word of words.slice(0, -1)) {
    if (awaited !== undefined) {
      awaited = undefined;
      continue;
    }
    if (word.startsWith("-") && word !== "-") {
      const option = command.options.find(({ flags }) => flags.includes(word));
      awaited = option?.takesValue ? option.flags.at(-1) : undefined;
      continue;
    }
    const child = command.commands.find(({ name }) => name === word);
    if (child !== undefined) {
      command = child;
      path = `${path} ${word}`.trimStart();
    } else operands++;
  }
  const last = words.at(-1) ?? "";
  const matching = (found: readonly Candidate[]) => found.filter(({ value }) => value.startsWith(last));
  const plain = (names: readonly string[]) => matching(names.map((value) => ({ value, description: "" })));
  if (awaited !== undefined) return plain(await values(awaited));
  if (last.startsWith("-")) {
    return matching(
      command.options.flatMap(({ flags, description }) =>
        flags.filter((flag) => flag.startsWith("--")).map((value) => ({ value, description }))
      ),
    );
  }
  if (command.commands.length > 0) {
    return matching(command.commands.map(({ name, description }) => ({ value: name, description })));
  }
  const operand = command.operands[operands];
  return operand === undefined ? [] : plain(await values(`${path} <${operand}>`));
}
