import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { showStart } from "../execution/start_progress.ts";
import { OF_OPTION, runnerRefOf } from "./runner_ref.ts";

/** `gractl runner resume`: waits until the runner is ready. */
export function runnerResume(deps: Deps) {
  return new Command("resume").description("Resume a paused runner with the same files")
    .argument("<name>", "name of the runner")
    .option(...OF_OPTION)
    .action(async (name, { of }) => {
      const { lostText, runnerFields } = await import("../documents/runner_document.ts");
      const ref = await runnerRefOf(deps, name, of);
      await using client = await deps.connect({ anywhere: of !== undefined });
      await using _ = showStart({ out: deps.out, clock: deps.clock, runners: client.runners }, ref);
      const { runner, resumed } = await client.runners.resume(ref, deps.signal);
      deps.out.document("Runner", { ...runnerFields(runner), resumed }, () => {
        if (!resumed) return `${name} is ready already.`;
        const lost = lostText(runner);
        return `Resumed ${name}.${lost === "" ? "" : `\n${lost}`}`;
      });
    });
}
