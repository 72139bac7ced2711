import { Command } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import type { Deps } from "../deps.ts";
import { OF_OPTION, runnerRefOf } from "./runner_ref.ts";

/** `gractl runner destroy`: also deletes the runner's files. */
export function runnerDestroy(deps: Deps) {
  return new Command("destroy").description("Destroy a runner with its files and variables")
    .argument("<name>", "name of the runner")
    .option(...OF_OPTION)
    .option("--force", "destroy it without asking, even while code runs", false)
    .option("--yes", "destroy it without asking", false)
    .action(async (name, { of, force, yes }) => {
      const { runnerFields } = await import("../documents/runner_document.ts");
      const ref = await runnerRefOf(deps, name, of);
      if (!force && !yes) await confirm(deps, name);
      await using client = await deps.connect({ anywhere: of !== undefined });
      const runner = await client.runners.destroy(ref, { force }, deps.signal);
      deps.out.document("Runner", runnerFields(runner), () => `Destroyed ${name}.`);
    });
}

/** Asks on a terminal; programs are not asked. @throws {GradError} `cancelled` */
async function confirm(deps: Deps, name: string): Promise<void> {
  const answer = await deps.ask(
    `This deletes the files of ${name} and the variables of its sessions. Destroy it? [y/N] `,
  );
  if (answer === undefined || /^y(es)?$/i.test(answer.trim())) return;
  throw new GradError("cancelled", `${name} is not destroyed: you did not answer yes`, {
    hint: "Nothing was changed.",
  });
}
