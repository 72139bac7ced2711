import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";

/** `gractl dataset get NAME`: what its file says; asks nobody. */
export function datasetGet(deps: Deps) {
  return new Command("get").description("Show what the workspace says about a dataset")
    .argument("<name>", "dataset, as `gractl dataset list` shows it")
    .action(async (name) => {
      const { readOneDataset } = await import("../workspace/one_dataset.ts");
      const { datasetFields, datasetText } = await import("../documents/dataset_document.ts");
      const dataset = await readOneDataset(await deps.workspace(), name);
      deps.out.document("Dataset", datasetFields(dataset), () => datasetText(dataset, deps.out.style));
    });
}
