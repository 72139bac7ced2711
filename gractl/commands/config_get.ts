import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { configFields } from "../documents/config_document.ts";

/** `gractl config get [KEY]`: what config.yaml says, defaults filled in. */
export function configGet(deps: Deps) {
  return new Command("get").description("Show the workspace's settings")
    .argument("[key]", "workspaceId, grad, runner or session (default: all)")
    .action(async (key) => {
      const { checkKey, SHOWN } = await import("../workspace/set_config.ts");
      const { renderFields } = await import("../ui/tables.ts");
      if (key !== undefined) checkKey(key, SHOWN);
      const fields = configFields(await deps.workspace());
      if (key === undefined) {
        deps.out.document("Config", fields, () => renderFields(Object.entries(fields), deps.out.style));
      } else deps.out.document("Config", { [key]: fields[key] }, () => fields[key] ?? "");
    });
}
