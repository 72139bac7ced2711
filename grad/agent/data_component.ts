import type { AttachedDataset, Dataset, DatasetCheck } from "./dataset.ts";

export type AppliedDatasets = Readonly<{
  datasets: AttachedDataset[];
  /** Names the set, for {@link ExecutionAgent.execute}; empty when the component is too old to have versions. */
  version: string;
}>;

export type ApplyRequest = Readonly<{
  datasets: readonly Dataset[];
  /** Names out of `datasets`. */
  required: readonly string[];
  keepOthers: boolean;
  waitMs: number;
}>;

/** The component that holds the S3 keys, as grad calls it. @throws {GradError} `runner_unavailable` when it cannot be reached */
export interface DataComponent {
  /**
   * Makes the mounts equal to the set, or with `keepOthers` adds it to what is mounted. Answers when each of the `required` ones is
   * mounted or has failed, or after `waitMs`; the others are waited for a few seconds. At once when the set is the one that is mounted.
   */
  apply(request: ApplyRequest, signal: AbortSignal): Promise<AppliedDatasets>;
  getStatus(signal: AbortSignal): Promise<AttachedDataset[]>;
  /** Attaches one dataset and lists its files in S3. @throws {GradError} `dataset_*` */
  check(request: { dataset: Dataset; maxFiles: number }, signal: AbortSignal): Promise<DatasetCheck>;
}
