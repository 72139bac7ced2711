import { Command } from "@commander-js/extra-typings";
import { DEFAULT_LISTED_EXECUTIONS, MAX_LISTED_EXECUTIONS } from "../../shared/limits.ts";
import type { Deps } from "../deps.ts";
import { wholeNumber } from "./numbers.ts";
import { RUNNER_OPTION, runnerRef } from "./runner_ref.ts";

/** `gractl execution list`. */
export function executionList(deps: Deps) {
  return new Command("list").description("List the executions of a runner, newest first")
    .option(...RUNNER_OPTION)
    .option("--session <name>", "only executions of this session")
    .option(
      "--limit <count>",
      `maximum number, up to ${MAX_LISTED_EXECUTIONS} (default: ${DEFAULT_LISTED_EXECUTIONS})`,
      wholeNumber("a count", 1),
    )
    .action(async (options) => {
      const { listedExecutionFields } = await import("../documents/execution_document.ts");
      const { executionTable } = await import("../documents/execution_text.ts");
      const ref = await runnerRef(deps, options.runner);
      const request = {
        runner: ref,
        session: options.session ?? "",
        limit: Math.min(options.limit ?? DEFAULT_LISTED_EXECUTIONS, MAX_LISTED_EXECUTIONS),
      };
      await using client = await deps.connect();
      const executions = await client.executions.list(request, deps.signal);
      deps.out.document("ExecutionList", { items: executions.map(listedExecutionFields) }, () => {
        return executionTable(executions, { runner: ref.name, style: deps.out.style, now: deps.clock.now() });
      });
    });
}
