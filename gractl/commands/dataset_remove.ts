import { Command } from "@commander-js/extra-typings";
import { checkName } from "../../shared/names.ts";
import type { Deps } from "../deps.ts";
import type { DatasetFile } from "../workspace/dataset_file.ts";

/** `gractl dataset remove NAME`: deletes its file, not the data. */
export function datasetRemove(deps: Deps) {
  return new Command("remove").description("Remove a dataset from the workspace; its data is not deleted")
    .argument("<name>", "name of the dataset")
    .action(async (name) => {
      const { removeDataset } = await import("../workspace/one_dataset.ts");
      const { loadDataset, loadDatasets, datasetPath } = await import("../workspace/load_datasets.ts");
      const workspace = await deps.workspace();
      const removed = await loadDataset(workspace, datasetPath(workspace.dir, checkName("dataset", name)));
      const file = await removeDataset(workspace, name);
      const left = await loadDatasets(workspace);
      const valid = (loaded: readonly { dataset: DatasetFile | undefined }[]) =>
        loaded.flatMap(({ dataset }) => dataset ?? []);
      await deps.trust().withdraw(workspace, {
        removed: valid(removed === undefined ? [] : [removed]),
        left: valid(left),
      });
      deps.out.document(
        "Dataset",
        { name, file, removed: true },
        () => `Removed ${file}\nThe next execution detaches ${name}; its data is not deleted.`,
      );
    });
}
