import { GradError } from "../../../shared/errors.ts";
import type { DataComponent } from "../data_component.ts";
import { ATTACHED, type AttachedDataset, type Dataset } from "../dataset.ts";

/** A data component in which datasets named "broken…" cannot be read; it forgets everything when its components go down. */
export function fakeDataComponent(isUp: () => boolean): DataComponent & { applied: Dataset[][] } {
  let attached: AttachedDataset[] = [];
  const applied: Dataset[][] = [];
  const up = <T>(answer: () => T): Promise<T> =>
    isUp() ? Promise.resolve().then(answer) : Promise.reject(
      new GradError("runner_unavailable", "Cannot reach the data component: nobody listens"),
    );
  return {
    applied,
    apply: ({ datasets }) =>
      up(() => {
        applied.push(datasets);
        return attached = datasets.map(attach);
      }),
    getStatus: () => up(() => attached),
    check: ({ dataset }) =>
      up(() => ({
        attached: attach(dataset),
        files: 1n,
        bytes: 2n,
        truncated: false,
        tables: [],
        samplePaths: ["a"],
      })),
  };
}

function attach({ name }: Dataset): AttachedDataset {
  const base = { name, path: `/workspace/data/${name}`, errorCode: "", errorMessage: "", errorHint: "" };
  if (!name.startsWith("broken")) return { ...base, state: ATTACHED.mounted };
  return {
    ...base,
    state: ATTACHED.failed,
    errorCode: "dataset_bucket_not_found",
    errorMessage: `Cannot attach "${name}": no such bucket`,
    errorHint: "Check it.",
  };
}
