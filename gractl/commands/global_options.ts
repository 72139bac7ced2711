import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import type { GlobalOptions } from "../deps.ts";
import type { Format, OutputOptions } from "../ui/output.ts";

/** The options that every command has, as they are on the command line. */
export type GivenOptions = Readonly<{
  workspace?: string;
  context?: string;
  output?: Format;
  color?: boolean;
  quiet?: boolean;
}>;

const GROUP = "Global options:";

/**
 * Adds the global options to one command. Each command has its own, so that the value in `--code -o` is not read as an option.
 * `streams`: the command also knows ndjson.
 */
export function addGlobalOptions(command: CommandUnknownOpts, options: { streams: boolean }): void {
  const formats: readonly Format[] = options.streams ? ["text", "json", "ndjson"] : ["text", "json"];
  const output = new Option(
    "-o, --output <format>",
    `${formats.join(", ")} (default: text)`,
  ).argParser((value: string) => formatOf(value, formats));
  for (
    const option of [
      new Option("--workspace <dir>", "workspace (default: found from the current folder upward)"),
      new Option("--context <name>", "grad to use: local or one of your contexts (default: the workspace's)"),
      output,
      new Option("--no-color", "disable colours, like NO_COLOR=1").default(undefined),
      new Option("--quiet", "print only results, warnings and errors"),
    ]
  ) {
    command.addOption(option.helpGroup(GROUP));
  }
  command.addHelpOption(new Option("-h, --help", "show this help").helpGroup(GROUP));
}

function formatOf(value: string, formats: readonly Format[]): Format {
  const format = formats.find((format) => format === value);
  if (format !== undefined) return format;
  throw new GradError(
    "usage",
    `Cannot print "${value}": the formats of this command are ${formats.join(", ")}`,
    {
      hint: value === "ndjson"
        ? "Use -o json; only `gractl execute-code`, `gractl execution attach` and `gractl runner list` know ndjson."
        : undefined,
    },
  );
}

/** The options of a command and its parents; where one is given twice, that of the command counts. */
export function givenOptions(command: CommandUnknownOpts): GivenOptions {
  const given: GivenOptions[] = [];
  for (let at: CommandUnknownOpts | null = command; at !== null; at = at.parent) {
    const values = Object.entries(at.opts()).filter(([, value]) => value !== undefined);
    given.unshift(Object.fromEntries(values));
  }
  return Object.assign({}, ...given);
}

type Env = Readonly<Record<string, string>>;

/**
 * The merged options. GRACTL_WORKSPACE and GRACTL_CONTEXT count where the option is missing, unless they are empty.
 *
 * @throws {GradError} `usage` where GRACTL_ADDRESS is set: an earlier version read it, and to ignore it would use another grad
 */
export function globalOptions(given: GivenOptions, env: Env): GlobalOptions {
  if (env["GRACTL_ADDRESS"]) {
    throw new GradError("usage", "Cannot use GRACTL_ADDRESS: gractl does not read addresses from there", {
      hint: "Unset it; write the address into a context, and name the context with GRACTL_CONTEXT.",
    });
  }
  return {
    workspace: given.workspace ?? (env["GRACTL_WORKSPACE"] || undefined),
    context: given.context ?? (env["GRACTL_CONTEXT"] || undefined),
  };
}

/** The format of output, and whether it may have colours and notes. */
export function outputOptions(given: GivenOptions): OutputOptions {
  return { format: given.output ?? "text", color: given.color ?? true, quiet: given.quiet ?? false };
}

/** How to print the errors that occur before a command line is parsed. */
export function givenEarly(args: readonly string[]): GivenOptions {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  const json = asksForJson(options);
  return {
    ...json === undefined ? {} : { output: json },
    ...options.includes("--no-color") ? { color: false } : {},
    ...options.includes("--quiet") ? { quiet: true } : {},
  };
}

/** The JSON format that is among the options. */
function asksForJson(args: readonly string[]): "json" | "ndjson" | undefined {
  for (const [at, arg] of args.entries()) {
    const value = arg === "-o" || arg === "--output"
      ? args[at + 1]
      : arg.match(/^(?:--output=|-o=?)(.*)$/)?.[1];
    if (value === "json" || value === "ndjson") return value;
  }
  return undefined;
}
