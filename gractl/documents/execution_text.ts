import { formatDuration } from "../../shared/duration.ts";
import { formatSize } from "../../shared/size.ts";
import type { Execution } from "../client/executions.ts";
import type { Style } from "../ui/style.ts";
import { renderFields } from "../ui/tables.ts";
import { durationMs } from "./execution_document.ts";

/** One execution as text, without its output. */
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
    ["code", execution.codePath],
    ["error", error && `${error.name || error.code}: ${error.message}`],
    ["hint", error?.hint],
  ], style);
}
