import { Command } from "@commander-js/extra-typings";
import { formatDuration } from "../../shared/duration.ts";
import type { Deps } from "../deps.ts";
import { durationMs } from "../documents/execution_document.ts";
import { age } from "../ui/age.ts";
import { printable } from "../ui/printable.ts";
import { wholeNumber } from "./numbers.ts";
import { RUNNER_OPTION, runnerRef } from "./runner_ref.ts";

/** Longest error text in the table; `execution get` shows all of it. */
const MAX_ERROR_COLUMNS = 60;

/** `gractl execution list`. */
export function executionList(deps: Deps) {
  return new Command("list").description("List the executions of a runner, newest first")
    .option(...RUNNER_OPTION)
    .option("--session <name>", "only executions of this session")
    .option("--limit <count>", "maximum number, up to 1000 (default: 50)", wholeNumber("a count", 1))
    .action(async (options) => {
      const { listedExecutionFields } = await import("../documents/execution_document.ts");
      const { renderTable } = await import("../ui/tables.ts");
      const { truncate } = await import("../ui/width.ts");
      const ref = await runnerRef(deps, options.runner);
      const request = {
        runner: ref,
        session: options.session ?? "",
        limit: Math.min(options.limit ?? 50, 1_000),
      };
      await using client = await deps.connect();
      const executions = await client.executions.list(request, deps.signal);
      deps.out.document("ExecutionList", { items: executions.map(listedExecutionFields) }, () => {
        const now = deps.clock.now();
        const rows = executions.map((each) => {
          const took = durationMs(each);
          const failure = each.error && `${each.error.name || each.error.code}: ${each.error.message}`;
          const ago = age(each.queuedAt ?? each.startedAt, now);
          return [
            each.id,
            each.session,
            each.status,
            ago,
            took === undefined ? undefined : formatDuration(took),
            failure && truncate(printable(failure), MAX_ERROR_COLUMNS),
          ];
        });
        return renderTable(["ID", "SESSION", "STATUS", "AGO", "TOOK", "ERROR"], rows, {
          style: deps.out.style,
          empty: `No executions in ${ref.name}.`,
        });
      });
    });
}
