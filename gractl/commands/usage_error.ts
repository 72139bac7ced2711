import type { CommanderError, CommandUnknownOpts } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";

/** A mistake on the command line, in our words: commander's own, without its prefix, its suggestion as the hint. */
export function usageError(error: CommanderError, command: CommandUnknownOpts, path: string): GradError {
  const help = `\`${path} --help\` tells more.`;
  if (error.code === "commander.help") {
    const names = command.commands.map((child) => child.name()).join(", ");
    return new GradError("usage", `Cannot run \`${path}\` by itself: it has the commands ${names}`, {
      hint: help,
    });
  }
  const text = error.message.replace(/^error: /, "").trim();
  const suggestion = /\n?\((Did you mean .*\?)\)\s*$/s.exec(text);
  const said = suggestion === null ? text : text.slice(0, suggestion.index);
  return new GradError("usage", `Cannot read the command line: ${said.replace(/\.$/, "")}`, {
    hint: suggestion === null ? help : `${suggestion[1]} ${help}`,
    cause: error,
  });
}
