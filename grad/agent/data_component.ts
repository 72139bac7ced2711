import type { AttachedDataset, Dataset, DatasetCheck } from "./dataset.ts";

export type AppliedDatasets = Readonly<{
  datasets: AttachedDataset[];
  /** Names the set, for {@link ExecutionAgent.execute}; empty when the component is too old to have versions. */
  version: string;
}>;

/** The component that holds the S3 keys, as grad calls it. @throws {GradError} `runner_unavailable` when it cannot be reached */
export interface DataComponent {
  /**
   * Makes the mounts equal to the set. Answers when each is mounted or has failed, or after `waitMs`; at once when the set is
   * the one that is mounted.
   */
  apply(request: { datasets: Dataset[]; waitMs: number }, signal: AbortSignal): Promise<AppliedDatasets>;
  getStatus(signal: AbortSignal): Promise<AttachedDataset[]>;
  /** Attaches one dataset and lists its files in S3. @throws {GradError} `dataset_*` */
  check(request: { dataset: Dataset; maxFiles: number }, signal: AbortSignal): Promise<DatasetCheck>;
}
