import type { AttachedDataset, Dataset, DatasetCheck } from "./dataset.ts";

/** The only holder of S3 keys, from grad's side. @throws {GradError} `runner_unavailable` when it cannot be reached */
export interface DataComponent {
  /** Makes the mounts equal to the set. Answers when each is mounted or has failed, or after `waitMs`. */
  apply(request: { datasets: Dataset[]; waitMs: number }, signal: AbortSignal): Promise<AttachedDataset[]>;
  getStatus(signal: AbortSignal): Promise<AttachedDataset[]>;
  /** Attaches one dataset and really lists it. @throws {GradError} `dataset_*` */
  check(request: { dataset: Dataset; maxFiles: number }, signal: AbortSignal): Promise<DatasetCheck>;
}
