import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { recorded } from "../execution/follow.ts";

/** `gractl execution get`: as JSON with its output so far, like execute-code. */
export function executionGet(deps: Deps) {
  return new Command("get").description("Show the state of an execution")
    .argument("<id>", "id of the execution")
    .action(async (id) => {
      const { executionText } = await import("../documents/execution_text.ts");
      await using client = await deps.connect();
      const execution = await client.executions.get(id, deps.signal);
      if (deps.out.format === "text") {
        return deps.out.text(executionText(execution, deps.out.style));
      }
      const { collectExecution } = await import("../execution/show_execution.ts");
      const events = recorded(client.executions, id, deps.signal);
      await collectExecution(deps, { execution, events });
    });
}
