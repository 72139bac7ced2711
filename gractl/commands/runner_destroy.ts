import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { runnerFields } from "../documents/runner_document.ts";
import { runnerRef } from "./runner_ref.ts";

/** `gractl runner destroy`: ends a runner and deletes its files. */
export function runnerDestroy(deps: Deps) {
  return new Command("destroy").description("End a runner and delete its files and variables")
    .argument("<name>", "the runner")
    .option("--force", "also while code runs", false)
    .action(async (name, { force }) => {
      const ref = await runnerRef(deps, name);
      await using client = await deps.connect();
      const runner = await client.runners.destroy(ref, { force }, deps.signal);
      deps.out.document("Runner", runnerFields(runner), () => `Destroyed ${name}.`);
    });
}
