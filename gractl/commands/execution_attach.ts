import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { attach } from "../execution/attach.ts";
import { wholeNumber } from "./numbers.ts";
import { workspaceDir } from "./workspace_dir.ts";

/** `gractl execution attach`: everything that an execution says, from its beginning or from an event on, to its end. */
export function executionAttach(deps: Deps) {
  return new Command("attach").description("Follow an execution to its end, as execute-code would show it")
    .argument("<id>", "the execution")
    .option("--from-seq <number>", "the first event wanted (default: 1)", wholeNumber("an event's number", 1))
    .option("--no-artifacts", "do not copy the files that the code made")
    .action(async (id, options) => {
      const { artifacts, fromSeq = 1 } = options;
      await attach(deps, { id, fromSeq, artifacts, workspaceDir: await workspaceDir(deps) });
    });
}
