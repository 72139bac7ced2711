import { GradError } from "../../../shared/errors.ts";
import type { DataComponent } from "../data_component.ts";
import type { AttachedDataset, Dataset } from "../dataset.ts";

/** What one runner's data component holds, whichever grad talks to it. */
export type FakeMounts = {
  attached: AttachedDataset[];
  /** The sets that `apply` was called with, in order of the calls. */
  applied: Dataset[][];
};

export function fakeMounts(): FakeMounts {
  return { attached: [], applied: [] };
}

/** What the agent compares: "a,b" for datasets a and b, "none" for none. */
export function attachedVersion({ attached }: FakeMounts): string {
  return attached.map(({ name }) => name).sort().join() || "none";
}

/**
 * A data component in which datasets named "broken…" cannot be read. Two of them over the same `mounts` are two grads' connections
 * to one.
 */
export function fakeDataComponent(isUp: () => boolean, mounts: () => FakeMounts): DataComponent {
  const up = <T>(answer: () => T): Promise<T> =>
    isUp() ? Promise.resolve().then(answer) : Promise.reject(
      new GradError("runner_unavailable", "Cannot reach the data component: nobody listens"),
    );
  return {
    apply: ({ datasets, keepOthers }) =>
      up(() => {
        const named = new Set(datasets.map(({ name }) => name));
        const others = keepOthers ? mounts().attached.filter(({ name }) => !named.has(name)) : [];
        mounts().applied.push([...datasets]);
        mounts().attached = [...others, ...datasets.map(attach)];
        return { datasets: mounts().attached, version: attachedVersion(mounts()) };
      }),
    getStatus: () => up(() => mounts().attached),
    check: ({ dataset }) =>
      up(() => {
        const attached = attach(dataset);
        mounts().attached = [...mounts().attached.filter(({ name }) => name !== dataset.name), attached];
        return { attached, files: 1n, bytes: 2n, truncated: false, tables: [], samplePaths: ["a"] };
      }),
  };
}

function attach({ name }: Dataset): AttachedDataset {
  const base = { name, path: `/workspace/data/${name}`, errorCode: "", errorMessage: "", errorHint: "" };
  if (!name.startsWith("broken")) return { ...base, state: "mounted" };
  return {
    ...base,
    state: "failed",
    errorCode: "dataset_bucket_not_found",
    errorMessage: `Cannot attach "${name}": no such bucket`,
    errorHint: "Check it.",
  };
}
