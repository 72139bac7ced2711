import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";

/** `gractl workspace status`: starts and changes nothing. */
export function workspaceStatus(deps: Deps) {
  return new Command("status")
    .description("Show the workspace with its grad, runner and datasets; starts nothing")
    .action(async () => {
      const { statusOf } = await import("../status/workspace_status.ts");
      const { statusFields, statusText } = await import("../documents/workspace_status_document.ts");
      const status = await statusOf(await deps.workspace(), deps);
      deps.out.document(
        "WorkspaceStatus",
        statusFields(status),
        () => statusText(status, { style: deps.out.style, now: deps.clock.now() }),
      );
    });
}
