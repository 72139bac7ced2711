import { isErrorCode } from "../../shared/error_codes.ts";
import { GradError } from "../../shared/errors.ts";
import type { DatasetCheck, S3Credentials } from "../client/datasets.ts";
import type { GradClient } from "../client/grad_client.ts";
import type { RunnerRef } from "../client/runners.ts";
import type { DatasetFile } from "../workspace/dataset_file.ts";
import { datasetMessage } from "./dataset_message.ts";

export type CheckRequest = Readonly<{
  runner: RunnerRef;
  /** The runner is not created where there is none. */
  existingRunner?: boolean;
  dataset: DatasetFile;
  keys: S3Credentials | undefined;
  maxFiles: number;
}>;

/** Attaches a dataset in a runner and lists it. @throws {GradError} `dataset_*`, also where the response says that attaching failed */
export async function checkDataset(
  { dataset, keys, ...rest }: CheckRequest,
  { connect, signal }: { connect(): Promise<GradClient>; signal: AbortSignal },
): Promise<DatasetCheck> {
  await using client = await connect();
  const request = { ...rest, dataset: datasetMessage(dataset, keys) };
  const check = await client.datasets.check(request, signal);
  const { state, errorCode, errorMessage, errorHint } = check.attached;
  if (state !== "failed") return check;
  throw new GradError(isErrorCode(errorCode) ? errorCode : "internal", errorMessage, {
    hint: errorHint || undefined,
  });
}
