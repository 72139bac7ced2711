import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { OF_OPTION, runnerRefOf } from "./runner_ref.ts";

/** `gractl runner pause`: keeps the runner's files. */
export function runnerPause(deps: Deps) {
  return new Command("pause").description("Pause a runner: its files are kept, it uses no CPU and memory")
    .argument("<name>", "name of the runner")
    .option(...OF_OPTION)
    .option("--force", "pause it even while code runs or sessions have variables, which are lost", false)
    .action(async (name, { of, force }) => {
      const { lostText, runnerFields } = await import("../documents/runner_document.ts");
      const ref = await runnerRefOf(deps, name, of);
      await using client = await deps.connect({ anywhere: of !== undefined });
      const runner = await client.runners.pause(ref, { force }, deps.signal);
      deps.out.document("Runner", runnerFields(runner), () => {
        const lost = lostText(runner);
        return `Paused ${name}. The next execution resumes it.${lost === "" ? "" : `\n${lost}`}`;
      });
    });
}
