import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";

/** `gractl dataset remove NAME`: deletes its file, not the data. */
export function datasetRemove(deps: Deps) {
  return new Command("remove").description("Remove a dataset from the workspace; its data is not deleted")
    .argument("<name>", "name of the dataset")
    .action(async (name) => {
      const { removeDataset } = await import("../workspace/one_dataset.ts");
      const file = await removeDataset(await deps.workspace(), name);
      deps.out.document(
        "Dataset",
        { name, file, removed: true },
        () => `Removed ${file}\nThe next execution detaches ${name}; its data is not deleted.`,
      );
    });
}
