import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { wholeNumber } from "./numbers.ts";
import { OF_OPTION, runnerRefOf } from "./runner_ref.ts";

/** `gractl runner logs`: of the components, not of code, whose output is in its executions. */
export function runnerLogs(deps: Deps) {
  return new Command("logs").description("Show what the components of a runner logged, to find faults")
    .argument("<name>", "name of the runner")
    .option(...OF_OPTION)
    .option("--component <name>", "only this component, such as agent or kernel")
    .option(
      "--lines <count>",
      "lines of each component, up to 1000 (default: 100)",
      wholeNumber("a count", 1),
    )
    .action(async (name, options) => {
      const { logsFields, logsText } = await import("../documents/runner_logs_document.ts");
      const ref = await runnerRefOf(deps, name, options.of);
      await using client = await deps.connect({ anywhere: options.of !== undefined });
      const request = { component: options.component ?? "", maxLines: options.lines ?? 0 };
      const logs = await client.runners.logs(ref, request, deps.signal);
      deps.out.document("RunnerLogs", logsFields(name, logs), () => logsText(logs, deps.out.style));
    });
}
