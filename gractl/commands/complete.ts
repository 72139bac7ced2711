import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { candidates, type Tree } from "../completion/candidates.ts";
import type { Deps } from "../deps.ts";
import { workspaceDir } from "./workspace_dir.ts";

/** Options and operands whose values are names of datasets. */
const DATASETS: ReadonlySet<string> = new Set([
  "--dataset",
  "dataset get <name>",
  "dataset check <name>",
  "dataset remove <name>",
]);
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  "--output": ["text", "json", "ndjson"],
  "--network": ["none", "full"],
  "completion <shell>": ["bash", "zsh", "fish"],
};

function treeOf(command: CommandUnknownOpts): Tree {
  const help = command.createHelp();
  return {
    name: command.name(),
    description: command.description(),
    commands: help.visibleCommands(command).map(treeOf),
    options: help.visibleOptions(command).map(({ short, long, description, required, optional }) => ({
      flags: [short, long].filter((flag) => flag !== undefined),
      description,
      takesValue: required || optional,
    })),
    operands: help.visibleArguments(command).map((argument) => argument.name()),
  };
}

/** Names of datasets by their files alone: nothing is read, and nothing may fail here. */
async function datasetNames(deps: Deps): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    const dir = await workspaceDir(deps);
    for await (const { name } of Deno.readDir(`${dir ?? "."}/datasets`)) {
      if (name.endsWith(".yaml") && !name.startsWith(".")) names.push(name.slice(0, -".yaml".length));
    }
  } catch {
    // Without a workspace there is nothing to propose.
  }
  return names.sort();
}

/** `gractl complete -- WORDS`: what the completion scripts call. */
export function complete(deps: Deps, root: () => CommandUnknownOpts) {
  return new Command("complete").description("Print what the last word may become")
    .argument("[words...]", "the words behind gractl, the last one perhaps not yet whole")
    .action(async (words) => {
      const found = await candidates(treeOf(root()), words, async (of) => {
        return DATASETS.has(of) ? await datasetNames(deps) : FORMATS[of] ?? [];
      });
      deps.out.document(
        "Candidates",
        { items: found },
        () => found.map(({ value, description }) => `${value}\t${description}`).join("\n"),
      );
    });
}
