import { CommanderError } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";

/** A mistake on the command line, in our words: commander's own, without its prefix, its suggestion as the hint. */
export function usageError(error: CommanderError, commandPath: string): GradError {
  const text = error.message.replace(/^error: /, "").trim();
  const suggestion = /\n?\((Did you mean .*\?)\)\s*$/s.exec(text);
  const said = suggestion === null ? text : text.slice(0, suggestion.index);
  const help = `\`${commandPath} --help\` shows what there is.`;
  return new GradError("usage", `Cannot read the command line: ${said.replace(/\.$/, "")}`, {
    hint: suggestion === null ? `Read on: ${help}` : `${suggestion[1]} ${help}`,
    cause: error,
  });
}
