import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";

/** `gractl context remove NAME`: forgets a grad, with the token for it. */
export function contextRemove(deps: Deps) {
  return new Command("remove").description(
    "Remove a context, with the token and certificates that login has written",
  )
    .argument("<name>", "context to remove")
    .action(async (name) => {
      const { removeContext } = await import("../auth/remove_context.ts");
      const files = await removeContext(deps, name);
      const workspace = await deps.workspace().catch(() => undefined);
      if (workspace?.grad === name) {
        deps.out.note(
          `The workspace ${workspace.dir} names it: choose another grad with \`gractl context use local\`.`,
        );
      }
      deps.out.document("ContextRemoval", { name, files }, () => `Removed the context "${name}".`);
    });
}
