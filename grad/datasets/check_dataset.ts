import { DEFAULT_CHECKED_FILES } from "../../shared/limits.ts";
import type { Dataset, DatasetCheck } from "../agent/dataset.ts";
import type { CallContext } from "../auth/call_context.ts";
import type { RequestedRef } from "../runners/runner.ts";
import type { RunnerService } from "../runners/service.ts";
import { checkDatasets } from "./attach.ts";

/** Attaches one dataset in the runner, made if there is none and none must exist, and lists it. It stays attached until the next execution. */
export async function checkDataset(
  context: CallContext,
  runners: RunnerService,
  request: { runner: RequestedRef; dataset: Dataset; maxFiles: number; existingRunner?: boolean | undefined },
): Promise<DatasetCheck> {
  checkDatasets([request.dataset], []);
  const { record } = await runners.ensure(context, request.runner, undefined, {
    verify: true,
    existing: request.existingRunner,
  });
  const asked = { dataset: request.dataset, maxFiles: request.maxFiles || DEFAULT_CHECKED_FILES };
  return await runners.reach(context, record, ({ data }) => data.check(asked, context.signal));
}
