import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import type { GlobalOptions } from "../deps.ts";
import type { Format, OutputOptions } from "../ui/output.ts";

/** Options of every command, before and behind it, as they were given. */
export type GivenOptions = Readonly<{
  workspace?: string;
  address?: string;
  output?: Format;
  color?: boolean;
  quiet?: boolean;
}>;

const GROUP = "Global options:";

/**
 * Adds the global options to one command. Each has its own copy, so that a value like `--code -o` is never taken for one of them.
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
      new Option("--workspace <dir>", "the workspace (default: found from here upward)"),
      new Option("--address <address>", "grad to use: local or unix:/path (default: the workspace's)"),
      output,
      new Option("--no-color", "no colours, as with NO_COLOR=1").default(undefined),
      new Option("--quiet", "say only what was asked for"),
    ]
  ) {
    command.addOption(option.helpGroup(GROUP));
  }
  command.addHelpOption(new Option("-h, --help", "show this help").helpGroup(GROUP));
}

function formatOf(value: string, formats: readonly Format[]): Format {
  const format = formats.find((format) => format === value);
  if (format !== undefined) return format;
  throw new GradError("usage", `Cannot print "${value}": the formats here are ${formats.join(", ")}`, {
    hint: value === "ndjson"
      ? "ndjson is for execute-code and execution attach; use -o json here."
      : undefined,
  });
}

/** What was given, nearest to the command's end first. */
export function givenOptions(command: CommandUnknownOpts): GivenOptions {
  const given: GivenOptions[] = [];
  for (let at: CommandUnknownOpts | null = command; at !== null; at = at.parent) {
    const values = Object.entries(at.opts()).filter(([, value]) => value !== undefined);
    given.unshift(Object.fromEntries(values));
  }
  return Object.assign({}, ...given);
}

type Env = Readonly<Record<string, string>>;

/** The options that commands ask for; the environment's variables count where an option is not given. An empty one is not set. */
export function globalOptions(given: GivenOptions, env: Env): GlobalOptions {
  return {
    workspace: given.workspace ?? (env["GRACTL_WORKSPACE"] || undefined),
    address: given.address ?? (env["GRACTL_ADDRESS"] || undefined),
  };
}

/** How output is written; whether a stream is a terminal is decided there. */
export function outputOptions(given: GivenOptions, env: Env): OutputOptions {
  const color = given.color !== false && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  return { format: given.output ?? "text", color, quiet: given.quiet ?? false };
}

/** Whether a command line asks for JSON, for errors that are met before it could be parsed. */
export function asksForJson(args: readonly string[]): "json" | "ndjson" | undefined {
  for (const [at, arg] of args.entries()) {
    if (arg === "--") return undefined;
    const value = arg === "-o" || arg === "--output"
      ? args[at + 1]
      : arg.match(/^(?:--output=|-o=?)(.*)$/)?.[1];
    if (value === "json" || value === "ndjson") return value;
  }
  return undefined;
}
