import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { configFields } from "../documents/config_document.ts";

/** `gractl config set KEY VALUE`: changes config.yaml and keeps its comments. */
export function configSet(deps: Deps) {
  return new Command("set").description("Change a setting of the workspace; comments in config.yaml stay")
    .argument("<key>", "grad, runner or session")
    .argument("<value>", "its new value")
    .action(async (key, value) => {
      const { setConfig } = await import("../workspace/set_config.ts");
      const { findWorkspace } = await import("../workspace/find_workspace.ts");
      const { openWorkspace } = await import("../workspace/workspace.ts");
      // Not opened before: setting a value is the way to mend it.
      const dir = await findWorkspace({ cwd: deps.cwd, explicit: deps.options().workspace });
      await setConfig(dir, { key, value }, deps.ids);
      const workspace = await openWorkspace({ cwd: deps.cwd, explicit: dir });
      deps.out.document(
        "Config",
        configFields(workspace),
        () => `Set ${key} to ${value} in ${dir}/config.yaml`,
      );
    });
}
