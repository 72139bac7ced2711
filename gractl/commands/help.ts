import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import { nearest } from "../../shared/yaml/nearest.ts";
import type { Deps } from "../deps.ts";

/** `gractl help COMMAND…`: the same as `gractl COMMAND… --help`. */
export function help(deps: Deps, root: () => CommandUnknownOpts) {
  return new Command("help").description("Show the help of gractl or of one command")
    .argument("[command...]", "the command, such as: runner create")
    .action((words) => {
      let command = root();
      for (const word of words) {
        const children = command.createHelp().visibleCommands(command);
        const found = children.find((child) => child.name() === word || child.aliases().includes(word));
        if (found === undefined) throw unknown(words, { word, names: children.map((child) => child.name()) });
        command = found;
      }
      deps.out.text(command.helpInformation());
    });
}

function unknown(
  words: readonly string[],
  { word, names }: { word: string; names: readonly string[] },
): GradError {
  const close = nearest(word, names);
  return new GradError("usage", `Cannot find the command ${JSON.stringify(words.join(" ").slice(0, 80))}`, {
    hint: close === undefined ? "`gractl help` lists the commands." : `Did you mean ${close}?`,
  });
}
