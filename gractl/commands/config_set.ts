import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { configFields } from "../documents/config_document.ts";

/** `gractl config set KEY VALUE`: changes config.yaml and keeps its comments. */
export function configSet(deps: Deps) {
  return new Command("set").description("Change a setting in config.yaml; its comments are kept")
    .argument("<key>", "setting: grad, runner or session")
    .argument("<value>", "new value")
    .action(async (key, value) => {
      const { setConfig } = await import("../workspace/set_config.ts");
      const { findWorkspace } = await import("../workspace/find_workspace.ts");
      const { openWorkspace } = await import("../workspace/workspace.ts");
      const { checkOwners, ownersFor } = await import("../workspace/ownership.ts");
      // The workspace is opened afterwards: the file may have an invalid value, which this command corrects.
      const dir = await findWorkspace({ cwd: deps.cwd, explicit: deps.options().workspace });
      const owners = ownersFor(deps.uid, deps.env);
      await checkOwners(dir, owners);
      await setConfig(dir, { key, value }, deps.ids);
      const workspace = await openWorkspace({ cwd: deps.cwd, explicit: dir, owners });
      if (key === "grad") await deps.trust().extend(workspace, { grad: true, datasets: [] });
      deps.out.document(
        "Config",
        configFields(workspace),
        () => `Set ${key} to ${value} in ${dir}/config.yaml`,
      );
    });
}
