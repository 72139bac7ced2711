import { Command, CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { ExitCode } from "../shared/error_codes.ts";
import { VERSION } from "../shared/version.ts";
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
  const program = new Command("gractl").description("Run code beside data in S3").version(VERSION)
    .enablePositionalOptions();
  program.addCommand(version(deps));
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
    command.exitOverride((error) => {
      throw error.exitCode === 0 ? error : usageError(error, command, path);
    });
    command.configureOutput({ writeOut: (text) => deps.out.text(text), writeErr: () => {} });
    command.helpCommand(false);
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
    // Whoever read our output has gone: there is nobody to tell.
    if (thrown instanceof Deno.errors.BrokenPipe) return 0;
    const error = asGradError(thrown);
    if (deps.env["GRACTL_DEBUG"] && thrown instanceof Error) deps.out.warn(thrown.stack ?? "");
    if (deps.out.format === "text") deps.out.warn(renderError(error, deps.out.errorStyle));
    else deps.out.document("Error", errorFields(error), () => "");
    return exitOf(error);
  }
}
