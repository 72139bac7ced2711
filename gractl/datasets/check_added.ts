import type { Deps } from "../deps.ts";
import { GradError } from "../../shared/errors.ts";
import { ERROR_CODES } from "../../shared/error_codes.ts";
import type { DatasetCheck } from "../client/datasets.ts";
import type { RunnerRef } from "../client/runners.ts";
import type { DatasetFile } from "../workspace/dataset_file.ts";
import { checkDataset } from "./check_dataset.ts";
import { resolveCredentials } from "./credentials/resolve.ts";

/**
 * Whether a dataset that has just been described can be read.
 *
 * @throws {GradError} `dataset_*`, `credentials_*` and as `Deps.connect`; the hint says how to add it all the same
 */
export async function checkAdded(deps: Deps, dataset: DatasetFile, runner: RunnerRef): Promise<DatasetCheck> {
  try {
    if (dataset.source.type === "directory") await requireFolder(dataset.name, dataset.source.path);
    const keys = await resolveCredentials(dataset, deps.env);
    deps.out.progress(`checking ${dataset.name}…`);
    return await checkDataset({ runner, dataset, keys, maxFiles: 0 }, deps)
      .finally(() => deps.out.progress(undefined));
  } catch (thrown) {
    if (!(thrown instanceof GradError)) throw thrown;
    const hint = `${
      thrown.hint ?? ERROR_CODES[thrown.code].remedy
    } Nothing was added; with \`--no-check\` it is added all the same.`;
    throw new GradError(thrown.code, thrown.message, { hint, cause: thrown });
  }
}

/** @throws {GradError} `dataset_invalid` */
export async function requireFolder(name: string, path: string): Promise<void> {
  const found = await Deno.stat(path).catch((thrown) => {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  });
  if (found?.isDirectory) return;
  const why = found === undefined ? `there is no folder "${path}"` : `"${path}" is not a folder`;
  throw new GradError("dataset_invalid", `Cannot attach dataset "${name}": ${why}`, {
    hint: "Correct the path, or make the folder.",
  });
}
