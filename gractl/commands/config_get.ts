import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { configFields } from "../documents/config_document.ts";

/** `gractl config get [KEY]`: shows the settings in config.yaml, with defaults for missing ones. */
export function configGet(deps: Deps) {
  return new Command("get").description("Show the settings of the workspace")
    .argument("[key]", "setting: workspaceId, grad, runner or session (default: all)")
    .action(async (key) => {
      const { checkKey, SHOWN } = await import("../workspace/set_config.ts");
      const { renderFields } = await import("../ui/tables.ts");
      const fields = configFields(await deps.workspace());
      if (key === undefined) {
        deps.out.document("Config", fields, () => renderFields(Object.entries(fields), deps.out.style));
      } else {
        const known = checkKey(key, SHOWN);
        deps.out.document("Config", { [known]: fields[known] }, () => fields[known]);
      }
    });
}
