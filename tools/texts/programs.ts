import config from "../../deno.json" with { type: "json" };
import { cli } from "../../gractl/cli.ts";
import type { Deps } from "../../gractl/deps.ts";
import type { CommandNode, Programs } from "./commands.ts";

type Command = ReturnType<typeof cli>;

function node(command: Command): CommandNode {
  const below = command.commands.flatMap((child) =>
    [child.name(), ...child.aliases()].map((name) => [name, node(child)] as const)
  );
  const options = command.options.flatMap((option) => [option.long, option.short])
    .filter((flag) => flag !== undefined && flag !== null);
  return { commands: new Map(below), options: new Set([...options, "--help", "-h"]) };
}

function leaves(names: Iterable<string>, options: Iterable<string> = []): CommandNode {
  const leaf: CommandNode = { commands: new Map(), options: new Set(options) };
  return { commands: new Map([...names].map((name) => [name, leaf])), options: new Set(options) };
}

/** The programs as they are: gractl's own command tree, grad's usage text, the Makefile's targets, deno.json's tasks. */
export function programs(texts: { makefile: string; gradConfig: string }): Programs {
  const targets = [...texts.makefile.matchAll(/^([a-z][a-z0-9-]*):/gm)].map((match) => match[1]!);
  const gradCommands = [...texts.gradConfig.matchAll(/\bgrad ([a-z]+)\b(?=[ [`\n])/g)].map((match) =>
    match[1]!
  )
    .filter((word) => texts.gradConfig.includes(`"${word}"`));
  const gradOptions = [...texts.gradConfig.matchAll(/"?([a-z][a-z-]*)"?: \{ type: "(?:string|boolean)"/g)]
    .map((match) => `--${match[1]}`);
  // Commands are built without anything being done: only their actions use what they depend on.
  const gractl = node(cli({} as unknown as Deps, () => {}));
  // Lists of gractl's commands leave "gractl" out: `grad start` is a command of its group grad.
  const group = gractl.commands.get("grad");
  const own = leaves(gradCommands, gradOptions);
  return {
    gractl,
    grad: {
      commands: new Map([...own.commands, ...group?.commands ?? []]),
      options: new Set([...own.options, ...group?.options ?? []]),
    },
    make: leaves(targets, ["-C", "-j", "-n", "-s", "--no-print-directory"]),
    "deno task": leaves(Object.keys(config.tasks), ["--quiet", "--check"]),
  };
}
