import { Command } from "@commander-js/extra-typings";
import { configFields } from "../documents/config_document.ts";
import type { Deps } from "../deps.ts";
import { setWorkspaceValue } from "./set_workspace_value.ts";

/** `gractl context use NAME`: the workspace runs its code there from now on. */
export function contextUse(deps: Deps) {
  return new Command("use").description("Let the workspace use a grad: local, or one of your contexts")
    .argument("<name>", "local, or the name of a context")
    .action(async (name) => {
      const { targetNamed } = await import("../auth/target.ts");
      await targetNamed(name, deps);
      const before = await deps.workspace().catch(() => undefined);
      const { workspace, dir } = await setWorkspaceValue(deps, { key: "grad", value: name });
      if (before !== undefined && before.grad !== name) {
        deps.out.note(`Runners that the workspace has in the grad "${before.grad}" stay there.`);
      }
      deps.out.document(
        "Config",
        configFields(workspace),
        () => `${dir} uses the grad "${name}" from now on.`,
      );
    });
}
