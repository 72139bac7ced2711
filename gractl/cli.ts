import { Command, CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { ExitCode } from "../shared/error_codes.ts";
import { VERSION } from "../shared/version.ts";
import { complete } from "./commands/complete.ts";
import { completion } from "./commands/completion.ts";
import { configGet } from "./commands/config_get.ts";
import { configSet } from "./commands/config_set.ts";
import { contextList } from "./commands/context_list.ts";
import { contextRemove } from "./commands/context_remove.ts";
import { contextUse } from "./commands/context_use.ts";
import { datasetAdd } from "./commands/dataset_add.ts";
import { datasetCheck } from "./commands/dataset_check.ts";
import { datasetGet } from "./commands/dataset_get.ts";
import { datasetList } from "./commands/dataset_list.ts";
import { datasetRemove } from "./commands/dataset_remove.ts";
import { doctor } from "./commands/doctor.ts";
import { executeCode } from "./commands/execute_code.ts";
import { executionAttach } from "./commands/execution_attach.ts";
import { executionGet } from "./commands/execution_get.ts";
import { executionInterrupt } from "./commands/execution_interrupt.ts";
import { executionList } from "./commands/execution_list.ts";
import { fileGet } from "./commands/file_get.ts";
import { fileList } from "./commands/file_list.ts";
import { filePut } from "./commands/file_put.ts";
import { gradStart } from "./commands/grad_start.ts";
import { gradStatus } from "./commands/grad_status.ts";
import { gradStop } from "./commands/grad_stop.ts";
import { help } from "./commands/help.ts";
import { login } from "./commands/login.ts";
import { runnerCreate } from "./commands/runner_create.ts";
import { runnerDestroy } from "./commands/runner_destroy.ts";
import { runnerGet } from "./commands/runner_get.ts";
import { runnerList } from "./commands/runner_list.ts";
import { runnerLogs } from "./commands/runner_logs.ts";
import { runnerPause } from "./commands/runner_pause.ts";
import { runnerResume } from "./commands/runner_resume.ts";
import { sessionDelete } from "./commands/session_delete.ts";
import { sessionGet } from "./commands/session_get.ts";
import { sessionList } from "./commands/session_list.ts";
import { sessionReset } from "./commands/session_reset.ts";
import { workspaceInit } from "./commands/workspace_init.ts";
import { workspaceStatus } from "./commands/workspace_status.ts";
import { workspaceTrust } from "./commands/workspace_trust.ts";
import { addGlobalOptions, givenEarly, type GivenOptions, givenOptions } from "./commands/global_options.ts";
import { usageError } from "./commands/usage_error.ts";
import { sql } from "./commands/sql.ts";
import { version } from "./commands/version.ts";
import type { Deps } from "./deps.ts";
import { asGradError, errorFields, exitOf, renderError } from "./ui/render_error.ts";

/** Commands that know `-o ndjson`. */
const STREAMING: ReadonlySet<string> = new Set([
  "gractl execute-code",
  "gractl sql",
  "gractl execution attach",
  "gractl runner list",
]);

/** Aliases that help does not show. */
const EARLIER_NAMES: ReadonlySet<string> = new Set(["files"]);

/**
 * Builds the command tree. All commands are built on every call, so modules that are slow to load (grpc-js, yaml, zod) are imported in
 * actions only.
 */
export function cli(deps: Deps, configure: (given: GivenOptions) => void): CommandUnknownOpts {
  const program = new Command("gractl").description("Run code next to data in S3").version(VERSION);
  const add = (name: string, description: string, commands: readonly CommandUnknownOpts[]) => {
    const group = new Command(name).description(description);
    for (const command of commands) group.addCommand(command);
    program.addCommand(group);
    return group;
  };
  program.addCommand(executeCode(deps)).addCommand(sql(deps));
  add("execution", "Show, follow and interrupt executions", [
    executionList(deps),
    executionGet(deps),
    executionAttach(deps),
    executionInterrupt(deps),
  ]);
  add("session", "Show, reset and delete sessions, which keep variables between executions", [
    sessionList(deps),
    sessionGet(deps),
    sessionReset(deps),
    sessionDelete(deps),
  ]);
  add("runner", "Create, show, pause and destroy runners, which run code", [
    runnerCreate(deps),
    runnerList(deps),
    runnerGet(deps),
    runnerPause(deps),
    runnerResume(deps),
    runnerDestroy(deps),
    runnerLogs(deps),
  ]);
  add("file", "Copy files to and from a runner", [filePut(deps), fileGet(deps), fileList(deps)]).alias(
    "files",
  );
  add("dataset", "Add, check and remove datasets, the data that code can read", [
    datasetAdd(deps),
    datasetList(deps),
    datasetGet(deps),
    datasetCheck(deps),
    datasetRemove(deps),
  ]);
  add("workspace", "Create, show and trust a workspace, a folder with settings and datasets", [
    workspaceInit(deps),
    workspaceStatus(deps),
    workspaceTrust(deps),
  ]);
  add("config", "Show and change settings of the workspace", [configGet(deps), configSet(deps)]);
  program.addCommand(login(deps));
  add("context", "Show, choose and remove contexts, grads with a name", [
    contextList(deps),
    contextUse(deps),
    contextRemove(deps),
  ]);
  add("grad", "Start, stop and show grad on this machine", [
    gradStart(deps),
    gradStop(deps),
    gradStatus(deps),
  ]);
  program.addCommand(doctor(deps)).addCommand(completion(deps)).addCommand(version(deps));
  program.addCommand(help(deps, () => program));
  program.addCommand(complete(deps, () => program), { hidden: true });
  finish(program, deps);
  program.hook("preAction", (_, command) => configure(givenOptions(command)));
  return program;
}

/** All commands of a tree with their paths: "gractl", "gractl version", … */
export function* tree(command: CommandUnknownOpts): Generator<[path: string, command: CommandUnknownOpts]> {
  yield [pathOf(command), command];
  for (const child of command.commands) yield* tree(child);
}

function pathOf(command: CommandUnknownOpts): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** Configures what all commands share: global options, thrown instead of printed errors, help on our output. */
function finish(program: CommandUnknownOpts, deps: Deps): void {
  for (const [path, command] of tree(program)) {
    addGlobalOptions(command, { streams: STREAMING.has(path) });
    // An option belongs to the command before it.
    command.enablePositionalOptions();
    command.exitOverride((error) => {
      if (error.exitCode === 0) throw error;
      if (error.code === "commander.help" && command === program) {
        deps.out.text(program.helpInformation());
        throw new CommanderError(0, error.code, error.message);
      }
      throw usageError(error, command, path);
    });
    command.configureOutput({ writeOut: (text) => deps.out.text(text), writeErr: () => {} });
    command.helpCommand(false);
    const usual = command.createHelp();
    command.configureHelp({
      // The default usage line shows aliases.
      commandUsage: (shown) => `${pathOf(shown)} ${shown.usage()}`,
      // A default of "off" or "empty" is not worth showing.
      optionDescription: (option) =>
        usual.optionDescription(option).replace(/ ?\(default: (false|\[\])\)$/, ""),
      // Without "[options]", which every command has.
      subcommandTerm: (child) =>
        [
          [child.name(), ...child.aliases().filter((alias) => !EARLIER_NAMES.has(alias))].join(", "),
          ...child.registeredArguments.map((each) => each.required ? `<${each.name()}>` : `[${each.name()}]`),
        ]
          .join(" "),
    });
  }
}

/** Runs a command line and reports everything that it throws. Returns the exit code. */
export async function run(
  args: readonly string[],
  deps: Deps,
  configure: (given: GivenOptions) => void,
): Promise<ExitCode | 0> {
  configure(givenEarly(args));
  try {
    await cli(deps, configure).parseAsync([...args], { from: "user" });
    return 0;
  } catch (thrown) {
    // Help and version.
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    try {
      return report(thrown, deps);
    } catch (unreported) {
      if (unreported instanceof Deno.errors.BrokenPipe) return 0;
      throw unreported;
    }
  }
}

/** Prints an error in the output format. @throws {Deno.errors.BrokenPipe} where the reader of the output has gone */
function report(thrown: unknown, { env, out }: Deps): ExitCode {
  // The reader of the output has gone, so an error could not be printed.
  if (thrown instanceof Deno.errors.BrokenPipe) throw thrown;
  const error = asGradError(thrown);
  if (env["GRACTL_DEBUG"] && thrown instanceof Error) out.warn(thrown.stack ?? "");
  out.progress(undefined);
  if (out.format === "text") out.warn(renderError(error, out.errorStyle));
  else out.document("Error", errorFields(error), () => "");
  return exitOf(error);
}
