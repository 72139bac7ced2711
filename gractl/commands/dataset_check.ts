import { Command } from "@commander-js/extra-typings";
import { DEFAULT_CHECKED_FILES } from "../../shared/limits.ts";
import type { Deps } from "../deps.ts";
import { wholeNumber } from "./numbers.ts";
import { RUNNER_OPTION, runnerToUse } from "./runner_ref.ts";

/** `gractl dataset check NAME`: attaches the dataset in the runner, lists it, and reads the columns of its Parquet files. */
export function datasetCheck(deps: Deps) {
  return new Command("check").description(
    "Attach a dataset in the runner and show its files, size and columns",
  )
    .argument("<name>", "name of the dataset")
    .option(...RUNNER_OPTION)
    .option(
      "--max-files <number>",
      "maximum number of files to list",
      wholeNumber("--max-files", 1),
      DEFAULT_CHECKED_FILES,
    )
    .action(async (name, { runner, maxFiles }) => {
      const { readOneDataset } = await import("../workspace/one_dataset.ts");
      const { checkDataset } = await import("../datasets/check_dataset.ts");
      const { checkFields, checkText } = await import("../documents/dataset_check_document.ts");
      const { resolveCredentials } = await import("../datasets/credentials/resolve.ts");
      const used = await runnerToUse(deps, runner);
      const workspace = await deps.trustedWorkspace();
      const file = await readOneDataset(workspace, name);
      const [dataset = file] = await deps.trust().require(workspace, { grad: false, datasets: [file] });
      const keys = await resolveCredentials(dataset, deps.env);
      deps.out.progress(`checking ${name}…`);
      const check = await checkDataset({ ...used, dataset, keys, maxFiles }, deps)
        .finally(() => deps.out.progress(undefined));
      const fields = checkFields(dataset, check);
      deps.out.document("DatasetCheck", fields, () => checkText(dataset, check, deps.out.style));
    });
}
