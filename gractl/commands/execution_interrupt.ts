import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { EXECUTION_ID_ARGUMENT, EXECUTION_RUNNER_OPTION, executionId } from "./execution_id.ts";

/** `gractl execution interrupt`. */
export function executionInterrupt(deps: Deps) {
  return new Command("interrupt").description(
    "Interrupt the code of an execution; its session keeps its variables",
  )
    .argument(...EXECUTION_ID_ARGUMENT)
    .option(...EXECUTION_RUNNER_OPTION)
    .action(async (named, { runner }) => {
      const { listedExecutionFields } = await import("../documents/execution_document.ts");
      await using client = await deps.connect();
      const id = await executionId(deps, client, { id: named, runner });
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
