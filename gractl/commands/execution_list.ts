import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { wholeNumber } from "./numbers.ts";
import { RUNNER_OPTION, runnerRef } from "./runner_ref.ts";

/** `gractl execution list`. */
export function executionList(deps: Deps) {
  return new Command("list").description("List the executions of a runner, newest first")
    .option(...RUNNER_OPTION)
    .option("--session <name>", "only executions of this session")
    .option("--limit <count>", "maximum number, up to 1000 (default: 50)", wholeNumber("a count", 1))
    .action(async (options) => {
      const { listedExecutionFields } = await import("../documents/execution_document.ts");
      const { executionTable } = await import("../documents/execution_text.ts");
      const ref = await runnerRef(deps, options.runner);
      const request = {
        runner: ref,
        session: options.session ?? "",
        limit: Math.min(options.limit ?? 50, 1_000),
      };
      await using client = await deps.connect();
      const executions = await client.executions.list(request, deps.signal);
      deps.out.document("ExecutionList", { items: executions.map(listedExecutionFields) }, () => {
        return executionTable(executions, { runner: ref.name, style: deps.out.style, now: deps.clock.now() });
      });
    });
}
