import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { OF_OPTION, runnerRefOf } from "./runner_ref.ts";

/** `gractl runner destroy`: also deletes the runner's files. */
export function runnerDestroy(deps: Deps) {
  return new Command("destroy").description("Destroy a runner with its files and variables")
    .argument("<name>", "name of the runner")
    .option(...OF_OPTION)
    .option("--force", "destroy it even while code runs", false)
    .action(async (name, { of, force }) => {
      const { runnerFields } = await import("../documents/runner_document.ts");
      const ref = await runnerRefOf(deps, name, of);
      await using client = await deps.connect();
      const runner = await client.runners.destroy(ref, { force }, deps.signal);
      deps.out.document("Runner", runnerFields(runner), () => `Destroyed ${name}.`);
    });
}
