import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { configFields } from "../documents/config_document.ts";
import { setWorkspaceValue } from "./set_workspace_value.ts";

/** `gractl config set KEY VALUE`: changes config.yaml and keeps its comments. */
export function configSet(deps: Deps) {
  return new Command("set").description("Change a setting in config.yaml; its comments are kept")
    .argument("<key>", "setting: grad, runner or session")
    .argument("<value>", "new value")
    .action(async (key, value) => {
      const { workspace, dir } = await setWorkspaceValue(deps, { key, value });
      deps.out.document(
        "Config",
        configFields(workspace),
        () => `Set ${key} to ${value} in ${dir}/config.yaml`,
      );
    });
}
