import { Command, CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { ExitCode } from "../shared/error_codes.ts";
import { VERSION } from "../shared/version.ts";
import { complete } from "./commands/complete.ts";
import { completion } from "./commands/completion.ts";
import { configGet } from "./commands/config_get.ts";
import { configSet } from "./commands/config_set.ts";
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
import { runnerCreate } from "./commands/runner_create.ts";
import { runnerDestroy } from "./commands/runner_destroy.ts";
import { runnerGet } from "./commands/runner_get.ts";
import { runnerList } from "./commands/runner_list.ts";
import { sessionGet } from "./commands/session_get.ts";
import { sessionList } from "./commands/session_list.ts";
import { sessionReset } from "./commands/session_reset.ts";
import { workspaceInit } from "./commands/workspace_init.ts";
import { workspaceStatus } from "./commands/workspace_status.ts";
import { addGlobalOptions, asksForJson, type GivenOptions, givenOptions } from "./commands/global_options.ts";
import { usageError } from "./commands/usage_error.ts";
import { version } from "./commands/version.ts";
import type { Deps } from "./deps.ts";
import { asGradError, errorFields, exitOf, renderError } from "./ui/render_error.ts";

/** Commands whose answer may be a stream of lines. */
const STREAMING: ReadonlySet<string> = new Set(["gractl execute-code", "gractl execution attach"]);

/**
 * The command tree. Commands are built on every call, so their files import only what every call needs; what costs time (grpc-js,
 * yaml, zod) is imported in actions.
 */
export function cli(deps: Deps, configure: (given: GivenOptions) => void): CommandUnknownOpts {
  const program = new Command("gractl").description("Run code beside data in S3").version(VERSION);
  const add = (name: string, description: string, commands: readonly CommandUnknownOpts[]) => {
    const group = new Command(name).description(description);
    for (const command of commands) group.addCommand(command);
    program.addCommand(group);
    return group;
  };
  program.addCommand(executeCode(deps));
  add("execution", "Executions: what ran, and what runs", [
    executionList(deps),
    executionGet(deps),
    executionAttach(deps),
    executionInterrupt(deps),
  ]);
  add("session", "Sessions: variables that live from one execution to the next", [
    sessionList(deps),
    sessionGet(deps),
    sessionReset(deps),
  ]);
  add("runner", "Runners: where code runs", [
    runnerCreate(deps),
    runnerList(deps),
    runnerGet(deps),
    runnerDestroy(deps),
  ]);
  // "files" was its name up to version 0.1; help shows names only, so the alias stays hidden.
  add("file", "Files of a runner", [filePut(deps), fileGet(deps), fileList(deps)]).alias("files");
  add("dataset", "Datasets: where the data lies, and with which keys", [
    datasetAdd(deps),
    datasetList(deps),
    datasetGet(deps),
    datasetCheck(deps),
    datasetRemove(deps),
  ]);
  add("workspace", "The workspace: a folder with settings and datasets", [
    workspaceInit(deps),
    workspaceStatus(deps),
  ]);
  add("config", "Settings of the workspace", [configGet(deps), configSet(deps)]);
  add("grad", "The grad of this machine", [gradStart(deps), gradStop(deps), gradStatus(deps)]);
  program.addCommand(doctor(deps)).addCommand(completion(deps)).addCommand(version(deps));
  program.addCommand(complete(deps, () => program), { hidden: true });
  finish(program, deps);
  program.hook("preAction", (_, command) => configure(givenOptions(command)));
  return program;
}

/** Every command of a tree with its path: "gractl", "gractl version", … */
export function* tree(command: CommandUnknownOpts): Generator<[path: string, command: CommandUnknownOpts]> {
  yield [pathOf(command), command];
  for (const child of command.commands) yield* tree(child);
}

function pathOf(command: CommandUnknownOpts): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** What all commands share: global options, errors that are thrown instead of printed, help on our output. */
function finish(program: CommandUnknownOpts, deps: Deps): void {
  for (const [path, command] of tree(program)) {
    addGlobalOptions(command, { streams: STREAMING.has(path) });
    // An option belongs to the command that it stands behind.
    command.enablePositionalOptions();
    command.exitOverride((error) => {
      throw error.exitCode === 0 ? error : usageError(error, command, path);
    });
    command.configureOutput({ writeOut: (text) => deps.out.text(text), writeErr: () => {} });
    command.helpCommand(false);
    const usual = command.createHelp();
    command.configureHelp({
      // Commander's own usage line also shows aliases, which exist only for earlier names.
      commandUsage: (shown) => `${pathOf(shown)} ${shown.usage()}`,
      // What is off or empty unless given need not be said.
      optionDescription: (option) =>
        usual.optionDescription(option).replace(/ ?\(default: (false|\[\])\)$/, ""),
      // "[options]" at each command would say nothing.
      subcommandTerm: (child) =>
        [
          child.name(),
          ...child.registeredArguments.map((each) => each.required ? `<${each.name()}>` : `[${each.name()}]`),
        ]
          .join(" "),
    });
  }
}

/** Runs one command line to its end; answers with the exit code. Everything that is thrown is told here. */
export async function run(
  args: readonly string[],
  deps: Deps,
  configure: (given: GivenOptions) => void,
): Promise<ExitCode | 0> {
  const json = asksForJson(args);
  configure(json === undefined ? {} : { output: json });
  try {
    await cli(deps, configure).parseAsync([...args], { from: "user" });
    return 0;
  } catch (thrown) {
    // Help and version.
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    try {
      return tell(thrown, deps);
    } catch (unheard) {
      if (unheard instanceof Deno.errors.BrokenPipe) return 0;
      throw unheard;
    }
  }
}

/** Prints what went wrong, as people or programs want it. @throws {Deno.errors.BrokenPipe} when nobody reads any more */
function tell(thrown: unknown, { env, out }: Deps): ExitCode {
  // Whoever read our output has gone: there is nobody to tell.
  if (thrown instanceof Deno.errors.BrokenPipe) throw thrown;
  const error = asGradError(thrown);
  if (env["GRACTL_DEBUG"] && thrown instanceof Error) out.warn(thrown.stack ?? "");
  out.progress(undefined);
  if (out.format === "text") out.warn(renderError(error, out.errorStyle));
  else out.document("Error", errorFields(error), () => "");
  return exitOf(error);
}
