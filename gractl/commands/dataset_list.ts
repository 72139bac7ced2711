import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";

/** `gractl dataset list`: shows the dataset files, without connecting to grad. */
export function datasetList(deps: Deps) {
  return new Command("list").description("List the datasets of the workspace").action(
    async () => {
      const { readDatasets } = await import("../workspace/workspace.ts");
      const { datasetFields, datasetTable } = await import("../documents/dataset_document.ts");
      const datasets = await readDatasets(await deps.workspace());
      deps.out.document(
        "DatasetList",
        { items: datasets.map(datasetFields) },
        () => datasetTable(datasets, deps.out.style),
      );
    },
  );
}
