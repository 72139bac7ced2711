import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { recorded } from "../execution/follow.ts";
import { tracebacks } from "../execution/tracebacks.ts";
import { FULL_TRACEBACK_OPTION } from "./output_options.ts";
import { EXECUTION_ID_ARGUMENT, EXECUTION_RUNNER_OPTION, executionId } from "./execution_id.ts";
import { workspaceDir } from "./workspace_dir.ts";

/** `gractl execution get`: the state of an execution, its code, and its output so far; as JSON like execute-code. */
export function executionGet(deps: Deps) {
  return new Command("get").description("Show an execution, its code and its output so far")
    .argument(...EXECUTION_ID_ARGUMENT)
    .option(...EXECUTION_RUNNER_OPTION)
    .option(...FULL_TRACEBACK_OPTION)
    .action(async (named, { runner, fullTraceback }) => {
      const { reviewExecution } = await import("../execution/review_execution.ts");
      await using client = await deps.connect();
      const id = await executionId(deps, client, { id: named, runner });
      const execution = await client.executions.get(id, deps.signal);
      const events = tracebacks(recorded(client.executions, id, deps.signal), { full: fullTraceback });
      await reviewExecution(deps, { execution, events, workspaceDir: await workspaceDir(deps) });
    });
}
