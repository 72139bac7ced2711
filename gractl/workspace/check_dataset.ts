import { isErrorCode } from "../../shared/error_codes.ts";
import { GradError } from "../../shared/errors.ts";
import { checkName } from "../../shared/names.ts";
import type { DatasetCheck, S3Credentials } from "../client/datasets.ts";
import type { GradClient } from "../client/grad_client.ts";
import type { DatasetFile } from "./dataset_file.ts";
import { datasetMessage } from "./dataset_message.ts";
import type { Workspace } from "./workspace.ts";

export type CheckRequest = Readonly<{
  workspace: Workspace;
  dataset: DatasetFile;
  keys: S3Credentials | undefined;
  runner: string;
  maxFiles: number;
}>;

/** Has grad look at a dataset. @throws {GradError} `dataset_*`, also where grad answers that it could not be attached */
export async function checkDataset(
  { workspace, dataset, keys, runner, maxFiles }: CheckRequest,
  { connect, signal }: { connect(): Promise<GradClient>; signal: AbortSignal },
): Promise<DatasetCheck> {
  const name = checkName("runner", runner);
  await using client = await connect();
  const check = await client.datasets.check({
    runner: { workspaceId: workspace.id, name },
    dataset: datasetMessage(dataset, keys),
    maxFiles,
  }, signal);
  const { state, errorCode, errorMessage, errorHint } = check.attached;
  if (state !== "failed") return check;
  throw new GradError(isErrorCode(errorCode) ? errorCode : "internal", errorMessage, {
    hint: errorHint || undefined,
  });
}

/** @throws {GradError} `invalid_argument` */
export function fileLimit(given: string | undefined, most: number): number {
  if (given === undefined) return most;
  const number = Number(given);
  if (/^\d{1,8}$/.test(given) && number > 0) return number;
  throw new GradError(
    "invalid_argument",
    "Cannot use the value of --max-files: it is no whole number above 0",
    {
      hint: "Write digits only, 99999999 at most.",
    },
  );
}
