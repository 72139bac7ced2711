import type { CommanderError, CommandUnknownOpts } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";

/** Converts commander's error about a command line: without its prefix, and with its suggestion as the hint. */
export function usageError(error: CommanderError, command: CommandUnknownOpts, path: string): GradError {
  const help = `See \`${path} --help\`.`;
  if (error.code === "commander.help") {
    const names = command.createHelp().visibleCommands(command).map((child) => child.name()).join(", ");
    return new GradError("usage", `Cannot run \`${path}\` without a command: its commands are ${names}`, {
      hint: help,
    });
  }
  const text = error.message.replace(/^error: /, "").trim();
  const suggestion = /\n?\((Did you mean .*\?)\)\s*$/s.exec(text);
  const message = suggestion === null ? text : text.slice(0, suggestion.index);
  return new GradError("usage", `Cannot read the command line: ${message.replace(/\.$/, "")}`, {
    hint: suggestion === null ? help : `${suggestion[1]} ${help}`,
    cause: error,
  });
}
