import { type Argument, Command, type CommandUnknownOpts, type Option } from "@commander-js/extra-typings";
import { NAME } from "../../shared/names.ts";
import { LOCAL } from "../auth/context.ts";
import { contextNames } from "../auth/context_names.ts";
import { candidates, type Slot, type Tree } from "../completion/candidates.ts";
import { FILES_LINE } from "../completion/scripts.ts";
import type { Deps } from "../deps.ts";
import { findWorkspace } from "../workspace/find_workspace.ts";

/** Options and operands whose values are names of datasets. */
const DATASETS: ReadonlySet<string> = new Set([
  "--dataset",
  "dataset get <name>",
  "dataset check <name>",
  "dataset remove <name>",
]);
/** Options and operands whose values are grads: local, or a context. */
const CONTEXTS: ReadonlySet<string> = new Set(["--context", "context use <name>"]);
/** Operands that are contexts of the user. */
const OWN_CONTEXTS: ReadonlySet<string> = new Set(["context remove <name>", "login <context>"]);
/** Operands that are paths of this machine; options say so by their placeholder. */
const PATHS: ReadonlySet<string> = new Set([
  "file put <source>",
  "file get <destination>",
  "dataset add <location>",
  "workspace init <dir>",
]);
/** Closed sets that commander does not know, since we check them with errors of our own. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  "--output": ["text", "json", "ndjson"],
  "--network": ["none", "full"],
  "config set <key>": ["grad", "runner", "session"],
};

function optionValue(option: Option): Slot | undefined {
  if (!option.required && !option.optional) return undefined;
  const id = option.long ?? option.flags;
  const choices = option.argChoices ?? CHOICES[id] ?? [];
  return { id, choices, isPath: /[<[](path|dir)[>\]]/.test(option.flags) };
}

function operand(argument: Argument, path: string): Slot {
  const id = `${path} <${argument.name()}>`;
  return { id, choices: argument.argChoices ?? CHOICES[id] ?? [], isPath: PATHS.has(id) };
}

/** `path` has the names of the commands above, without "gractl". */
function treeOf(command: CommandUnknownOpts, path: readonly string[] = []): Tree {
  const help = command.createHelp();
  return {
    name: command.name(),
    description: command.description(),
    commands: help.visibleCommands(command).map((child) => treeOf(child, [...path, child.name()])),
    options: help.visibleOptions(command).map((option) => ({
      flags: [option.short, option.long].filter((flag) => flag !== undefined),
      description: option.description,
      value: optionValue(option),
    })),
    operands: command.registeredArguments.map((argument) => operand(argument, path.join(" "))),
  };
}

/** Names of datasets by their files alone. Nothing is parsed, and nothing fails: TAB must be fast and never print an error. */
async function datasetNames(deps: Deps, workspace: string | undefined): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    const dir = await findWorkspace({ cwd: deps.cwd, explicit: workspace ?? deps.options().workspace });
    for await (const { name } of Deno.readDir(`${dir}/datasets`)) {
      const dataset = name.replace(/\.yaml$/, "");
      if (dataset !== name && NAME.test(dataset)) names.push(dataset);
    }
  } catch {
    // Without a workspace there are no names to propose.
  }
  return names.sort();
}

/** Names of contexts by their files alone, with that of the grad of this machine. */
async function contexts(deps: Deps): Promise<readonly string[]> {
  return [LOCAL, ...await contextNames(deps).catch(() => [])];
}

/** `gractl complete -- WORDS`: what the completion scripts call. */
export function complete(deps: Deps, root: () => CommandUnknownOpts) {
  return new Command("complete").description("Print what the last word may become")
    .argument("[words...]", "the words behind gractl; the last one may be incomplete or empty")
    .action(async (words) => {
      const { items, files } = await candidates(
        treeOf(root()),
        words,
        async ({ id }, given) => {
          if (DATASETS.has(id)) return await datasetNames(deps, given.get("--workspace"));
          if (CONTEXTS.has(id)) return await contexts(deps);
          return OWN_CONTEXTS.has(id) ? await contextNames(deps).catch(() => []) : [];
        },
      );
      deps.out.document("Candidates", { items, files }, () => {
        const lines = items.map(({ value, description }) => `${value}\t${description}`);
        return [...lines, ...(files ? [FILES_LINE] : [])].join("\n");
      });
    });
}
