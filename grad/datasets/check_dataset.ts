import type { RunnerManager } from "../runners/manager.ts";
import type { RunnerRef } from "../runners/runner.ts";
import { checkDatasets } from "./attach.ts";
import type { Dataset, DatasetCheck } from "../agent/dataset.ts";

const DEFAULT_MAX_FILES = 100_000;

/** Attaches one dataset in the runner, made if there is none, and really lists it. */
export async function checkDataset(
  runners: RunnerManager,
  owner: string,
  request: { runner: RunnerRef; dataset: Dataset; maxFiles: number },
  signal: AbortSignal,
): Promise<DatasetCheck> {
  checkDatasets([request.dataset], []);
  const { record } = await runners.ensure(owner, request.runner, undefined, signal);
  const asked = { dataset: request.dataset, maxFiles: request.maxFiles || DEFAULT_MAX_FILES };
  try {
    return await runners.reach(record, ({ data }) => data.check(asked, signal), signal);
  } finally {
    runners.bare.delete(record.id); // it stays attached, until the next execution says what is wanted
  }
}
