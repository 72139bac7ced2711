import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";

/** `gractl dataset remove NAME`: removes its file; the data is not touched. */
export function datasetRemove(deps: Deps) {
  return new Command("remove").description("Remove a dataset's description; the data stays as it is")
    .argument("<name>", "dataset, as `gractl dataset list` shows it")
    .action(async (name) => {
      const { removeDataset } = await import("../workspace/one_dataset.ts");
      const file = await removeDataset(await deps.workspace(), name);
      deps.out.document(
        "Dataset",
        { name, file, removed: true },
        () =>
          `Removed ${file}\nCode no longer sees ${name} from the next execution on; the data itself is untouched.`,
      );
    });
}
