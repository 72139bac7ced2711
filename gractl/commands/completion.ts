import { Argument, Command } from "@commander-js/extra-typings";
import { completionScript, SHELLS } from "../completion/scripts.ts";
import type { Deps } from "../deps.ts";

/** `gractl completion`: a script for the shell's start. */
export function completion(deps: Deps) {
  return new Command("completion").description(
    "Print a script that completes gractl's commands in your shell",
  )
    .addArgument(new Argument("<shell>", "your shell").choices(SHELLS))
    .addHelpText(
      "after",
      '\nTo use it:\n  bash, zsh:  eval "$(gractl completion bash)"   in ~/.bashrc, or zsh in ~/.zshrc\n' +
        "  fish:       gractl completion fish | source   in ~/.config/fish/config.fish",
    )
    .action((shell) => {
      const script = completionScript(shell);
      deps.out.document("Completion", { shell, script }, () => script);
    });
}
