import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";

/** How many files are listed at most, unless told otherwise; the same as grad's own default. */
const MOST_FILES = 100_000;

/** `gractl dataset check NAME`: attaches it in the runner, lists it, reads the columns of its parquet files. */
export function datasetCheck(deps: Deps) {
  return new Command("check").description("Look at a dataset where it lies: files, bytes, columns")
    .argument("<name>", "dataset, as `gractl dataset list` shows it")
    .option("--runner <name>", "runner to look from (default: the workspace's)")
    .option("--max-files <number>", `list at most so many files (default: ${MOST_FILES})`)
    .action(async (name, options) => {
      const { readOneDataset } = await import("../workspace/one_dataset.ts");
      const { checkDataset, fileLimit } = await import("../workspace/check_dataset.ts");
      const { checkFields, checkText } = await import("../workspace/check_view.ts");
      const maxFiles = fileLimit(options.maxFiles, MOST_FILES);
      const workspace = await deps.workspace();
      const dataset = await readOneDataset(workspace, name);
      const { resolveCredentials } = await import("../credentials/resolve.ts");
      const keys = await resolveCredentials(dataset, deps.env);
      deps.out.progress(`Looking at ${name}`);
      const runner = options.runner ?? workspace.runner;
      const check = await checkDataset({ workspace, dataset, keys, runner, maxFiles }, deps)
        .finally(() => deps.out.progress(undefined));
      deps.out.document("DatasetCheck", checkFields(dataset, check), () => checkText(dataset, check));
    });
}
