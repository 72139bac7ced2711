import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { OF_OPTION, runnerRefOf } from "./runner_ref.ts";

/** `gractl runner get`: also for a runner that has ended. */
export function runnerGet(deps: Deps) {
  return new Command("get").description("Show a runner and its datasets, or why it ended")
    .argument("<name>", "name of the runner")
    .option(...OF_OPTION)
    .action(async (name, { of }) => {
      const { runnerFields, runnerText } = await import("../documents/runner_document.ts");
      const ref = await runnerRefOf(deps, name, of);
      await using client = await deps.connect({ anywhere: of !== undefined });
      const runner = await client.runners.get(ref, deps.signal);
      deps.out.document(
        "Runner",
        runnerFields(runner),
        () => runnerText(runner, { style: deps.out.style, now: deps.clock.now() }),
      );
    });
}
