import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";

/** `gractl execution interrupt`. */
export function executionInterrupt(deps: Deps) {
  return new Command("interrupt").description(
    "Interrupt the code of an execution; its session keeps its variables",
  )
    .argument("<id>", "id of the execution")
    .action(async (id) => {
      const { listedExecutionFields } = await import("../documents/execution_document.ts");
      await using client = await deps.connect();
      const execution = await client.executions.interrupt(id, deps.signal);
      deps.out.document(
        "Execution",
        listedExecutionFields(execution),
        () =>
          ["queued", "running"].includes(execution.status)
            ? `Interrupting ${id}.`
            : `${id} has ended already (${execution.status}).`,
      );
    });
}
