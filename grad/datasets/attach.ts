import { isErrorCode } from "../../shared/error_codes.ts";
import { GradError } from "../../shared/errors.ts";
import { checkName } from "../../shared/names.ts";
import type { AppliedDatasets, ApplyRequest, DataComponent } from "../agent/data_component.ts";
import type { AttachedDataset, Dataset } from "../agent/dataset.ts";

/** Longest time for all datasets of a call to be mounted or refused. */
export const ATTACH_MS = 45_000;

/** @throws {GradError} `invalid_name`, `invalid_argument`, `dataset_not_found`, `dataset_invalid` */
export function checkDatasets(datasets: readonly Dataset[], required: readonly string[]): void {
  const names = new Set<string>();
  for (const { name, source } of datasets) {
    checkName("dataset", name);
    if (names.has(name)) {
      throw new GradError("invalid_argument", `Cannot attach two datasets of the name "${name}"`);
    }
    if (source === undefined) {
      throw new GradError("dataset_invalid", `Cannot attach the dataset "${name}": it has no source`);
    }
    names.add(name);
  }
  const missing = required.find((name) => !names.has(name));
  if (missing === undefined) return;
  throw new GradError(
    "dataset_not_found",
    `Cannot require the dataset ${JSON.stringify(missing)}: it is not among those given`,
    {
      hint: "See `gractl dataset list`.",
    },
  );
}

/** Makes the datasets readable in the runner, and no others unless `keepOthers`. Those that are not required may fail. */
export async function attach(
  component: DataComponent,
  request: Omit<ApplyRequest, "waitMs">,
  signal: AbortSignal,
): Promise<AppliedDatasets> {
  return await component.apply({ ...request, waitMs: ATTACH_MS }, signal);
}

/** Those out of `names` that code cannot read for now. Pure. */
export function unavailable(
  attached: readonly AttachedDataset[],
  names: readonly string[],
): AttachedDataset[] {
  return attached.filter(({ name, state }) => state !== "mounted" && names.includes(name));
}

/** Why the code is not to start: the first of the required datasets that is not readable. Pure. */
export function refusal(
  attached: readonly AttachedDataset[],
  required: readonly string[],
): GradError | undefined {
  for (const name of required) {
    const dataset = attached.find((one) => one.name === name);
    if (dataset?.state === "mounted") continue;
    if (dataset?.state === "failed") return failure(dataset);
    return new GradError(
      "dataset_mount_failed",
      `Cannot mount the dataset "${name}": not done after ${ATTACH_MS / 1000} s`,
      {
        hint: "`gractl dataset check` tries again and shows more.",
      },
    );
  }
  return undefined;
}

function failure(dataset: AttachedDataset): GradError {
  const code = isErrorCode(dataset.errorCode) ? dataset.errorCode : "dataset_mount_failed";
  return new GradError(
    code,
    dataset.errorMessage,
    dataset.errorHint === "" ? {} : { hint: dataset.errorHint },
  );
}
