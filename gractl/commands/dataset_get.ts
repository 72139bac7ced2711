import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";

/** `gractl dataset get NAME`: shows its file, without connecting to grad. */
export function datasetGet(deps: Deps) {
  return new Command("get").description("Show the description of a dataset")
    .argument("<name>", "name of the dataset")
    .action(async (name) => {
      const { readOneDataset } = await import("../workspace/one_dataset.ts");
      const { datasetFields, datasetText } = await import("../documents/dataset_document.ts");
      const dataset = await readOneDataset(await deps.workspace(), name);
      deps.out.document("Dataset", datasetFields(dataset), () => datasetText(dataset, deps.out.style));
    });
}
