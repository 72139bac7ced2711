import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { attach } from "../execution/attach.ts";
import { EXECUTION_RUNNER_OPTION, executionId, LAST } from "./execution_id.ts";
import { wholeNumber } from "./numbers.ts";
import {
  FORCE_FILES_OPTION,
  FULL_TRACEBACK_OPTION,
  NO_INLINE_OPTION,
  OUTPUT_DIR_OPTION,
  outputFolders,
} from "./output_options.ts";
import { workspaceDir } from "./workspace_dir.ts";

/** `gractl execution attach`: shows all output of an execution, from its start or a given event to its end. */
export function executionAttach(deps: Deps) {
  return new Command("attach").description("Show the output of an execution until it ends")
    .argument("[id]", "id of the execution, the beginning of one, or @last", LAST)
    .option(...EXECUTION_RUNNER_OPTION)
    .option(
      "--from-seq <number>",
      "number of the first event to show (default: 1)",
      wholeNumber("the number of an event", 1),
    )
    .option("--no-artifacts", "do not download files that the code wrote")
    .option(...FULL_TRACEBACK_OPTION)
    .option(...NO_INLINE_OPTION)
    .option(...OUTPUT_DIR_OPTION)
    .option(...FORCE_FILES_OPTION)
    .action(async (id, options) => {
      const { artifacts, fromSeq = 1, fullTraceback, inline, runner, outputDir, force } = options;
      const dir = await workspaceDir(deps);
      await attach(deps, {
        find: (client) => executionId(deps, client, { id, runner }),
        fromSeq,
        artifacts,
        fullTraceback,
        inline,
        outputs: await outputFolders(deps, { outputDir, force, workspaceDir: dir }),
      });
    });
}
