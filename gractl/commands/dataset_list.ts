import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import type { DatasetFile } from "../workspace/dataset_file.ts";

/** `gractl dataset list`: shows the dataset files, without connecting to grad. */
export function datasetList(deps: Deps) {
  return new Command("list").description("List the datasets of the workspace").action(
    async () => {
      const { readDatasets } = await import("../workspace/workspace.ts");
      const { datasetFields } = await import("../documents/dataset_document.ts");
      const { renderTable } = await import("../ui/tables.ts");
      const { typeOf } = await import("../datasets/sources/source_registry.ts");
      const datasets = await readDatasets(await deps.workspace());
      const row = ({ name, source, access, description }: DatasetFile) => [
        name,
        source.type,
        typeOf(source).location(source),
        access,
        description.split("\n")[0]!,
      ];
      deps.out.document(
        "DatasetList",
        { items: datasets.map(datasetFields) },
        () =>
          renderTable(["NAME", "TYPE", "LOCATION", "ACCESS", "DESCRIPTION"], datasets.map(row), {
            style: deps.out.style,
            empty: "No datasets. Add one with `gractl dataset add NAME s3://BUCKET/PREFIX`.",
          }),
      );
    },
  );
}
