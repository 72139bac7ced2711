import { Command } from "@commander-js/extra-typings";
import { formatDuration } from "../../shared/duration.ts";
import { formatSize } from "../../shared/size.ts";
import type { Execution } from "../client/executions.ts";
import type { Deps } from "../deps.ts";
import { recorded } from "../execution/follow.ts";
import type { Style } from "../ui/style.ts";
import { renderFields } from "../ui/tables.ts";

function executionText(execution: Execution, style: Style): string {
  const { startedAt, finishedAt, usage, error } = execution;
  const took = startedAt && finishedAt ? finishedAt.getTime() - startedAt.getTime() : undefined;
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

/** `gractl execution get`: under json with the output that there is, like execute-code. */
export function executionGet(deps: Deps) {
  return new Command("get").description("Show what became of an execution")
    .argument("<id>", "the execution")
    .action(async (id) => {
      await using client = await deps.connect();
      const execution = await client.executions.get(id, deps.signal);
      if (deps.out.format === "text") {
        return deps.out.document("Execution", {}, () => executionText(execution, deps.out.style));
      }
      const { collectExecution } = await import("../execution/show_execution.ts");
      const events = recorded(client.executions, id, deps.signal);
      await collectExecution(deps, { execution, events });
    });
}
