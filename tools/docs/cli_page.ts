import { cli, tree } from "../../gractl/cli.ts";
import type { Deps } from "../../gractl/deps.ts";
import { COMMAND_KINDS } from "../../gractl/documents/schema/command_kinds.ts";
import { EXITS } from "./errors_page.ts";

type Command = ReturnType<typeof cli>;

/** Group of the options that every command has. */
const GLOBAL = "Global options:";

/** Commands are built without anything being done: only their actions touch what they depend on. */
const NO_DEPS = {} as unknown as Deps;

/** As Markdown would otherwise take it for HTML, or for the next cell. */
function text(plain: string): string {
  return plain.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

function optionRows(command: Command, wanted: "global" | "own"): string[] {
  return command.createHelp().visibleOptions(command)
    .filter((option) => (option.helpGroupHeading === GLOBAL) === (wanted === "global"))
    .filter((option) => wanted === "global" || option.long !== "--help")
    .map((option) => `| \`${option.flags}\` | ${text(command.createHelp().optionDescription(option))} |`);
}

function table(head: string, rows: readonly string[]): string {
  return rows.length === 0 ? "" : `\n| ${head} | |\n|---|---|\n${rows.join("\n")}\n`;
}

function section(path: string, command: Command): string {
  const help = command.createHelp();
  const parent = path.split(" ").slice(0, -1).join(" ");
  const words = help.visibleArguments(command).map((argument) =>
    `| \`${argument.name()}\` | ${text(help.argumentDescription(argument))} |`
  );
  return `## ${path}

${text(help.commandDescription(command))}.

    ${parent} ${command.name()} ${command.usage()}
${table("argument", words)}${table("option", optionRows(command, "own"))}${document(path)}`;
}

function document(path: string): string {
  const kind = COMMAND_KINDS[path.replace(/^gractl /, "")];
  return kind === undefined ? "" : `\n\`-o json\`: [${kind}](schema/${kind}.json)\n`;
}

/** docs/cli.md. */
export function cliPage(): string {
  const program = cli(NO_DEPS, () => {});
  const hidden = (command: Command) =>
    command.parent !== null && !command.parent.createHelp().visibleCommands(command.parent).includes(command);
  const leaves = [...tree(program)].filter(([, command]) =>
    command.commands.length === 0 && !hidden(command)
  );
  const index = leaves.map(([path, command]) => {
    const anchor = path.replaceAll(" ", "-");
    return `| [\`${path}\`](#${anchor}) | ${text(command.createHelp().commandDescription(command))} |`;
  });
  return `<!-- Generated from gractl's command tree by \`make docs\`. Do not edit. -->
# gractl

| command | |
|---|---|
${index.join("\n")}

## Options of every command
${table("option", optionRows(leaves[0]?.[1] ?? program, "global"))}
Every command knows \`-o json\`: one document with \`apiVersion\` and \`kind\` on stdout, and nothing else there; \`execute-code\` and
\`execution attach\` also know \`-o ndjson\`: an event a line, as they happen, and \`runner list\` a
runner a line. Failures of gractl itself are documents of kind \`Error\`:
see [errors.md](errors.md). Every kind of document has a [JSON Schema](schema/README.md). Settings and variables: [configuration.md](configuration.md).

## Exit codes

| code | |
|---|---|
${EXITS.map(([exit, meaning]) => `| ${exit} | ${meaning} |`).join("\n")}

${leaves.map(([path, command]) => section(path, command)).join("\n")}`;
}
