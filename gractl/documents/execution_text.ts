import { formatDuration } from "../../shared/duration.ts";
import { formatSize } from "../../shared/size.ts";
import type { Execution } from "../client/executions.ts";
import { age } from "../ui/age.ts";
import { printable } from "../ui/printable.ts";
import type { Style } from "../ui/style.ts";
import { renderFields, renderTable } from "../ui/tables.ts";
import { truncate } from "../ui/width.ts";
import { durationMs } from "./execution_document.ts";

/** Longest code and error text in the table; `execution get` shows all of it. */
const MAX_CODE_COLUMNS = 50;
const MAX_ERROR_COLUMNS = 60;

/** One execution as text, without its code and output. */
export function executionText(execution: Execution, style: Style): string {
  const { startedAt, finishedAt, usage, error } = execution;
  const took = durationMs(execution);
  return renderFields([
    ["id", execution.id],
    ["runner", execution.runner.name],
    ["session", execution.session],
    ["kernel", execution.kernel],
    ["status", execution.status],
    ["queued", execution.queuedAt?.toISOString()],
    ["started", startedAt?.toISOString()],
    ["finished", finishedAt?.toISOString()],
    ["took", took === undefined ? undefined : formatDuration(took)],
    ["cpu time", usage && formatDuration(usage.cpuMs)],
    ["peak memory", usage && formatSize(usage.peakMemoryBytes)],
    ["code file", execution.codePath],
    ["error", error && `${error.name || error.code}: ${error.message}`],
  ], style);
}

/** The executions of a runner as a table. */
export function executionTable(
  executions: readonly Execution[],
  { runner, style, now }: { runner: string; style: Style; now: number },
): string {
  const rows = executions.map((each) => {
    const took = durationMs(each);
    const failure = each.error && `${each.error.name || each.error.code}: ${each.error.message}`;
    return [
      each.id,
      each.session,
      each.status,
      age(each.queuedAt ?? each.startedAt, now),
      took === undefined ? undefined : formatDuration(took),
      truncate(printable(each.firstLine), MAX_CODE_COLUMNS),
      failure && truncate(printable(failure), MAX_ERROR_COLUMNS),
    ];
  });
  return renderTable(["ID", "SESSION", "STATUS", "AGO", "TOOK", "CODE", "ERROR"], rows, {
    style,
    empty: `No executions in ${runner}.`,
  });
}
