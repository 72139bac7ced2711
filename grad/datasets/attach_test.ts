import assert from "node:assert/strict";
import { checkDatasets, refusal } from "./attach.ts";
import type { AttachedDataset, Dataset } from "../agent/dataset.ts";

const dataset = (name: string): Dataset => ({
  name,
  description: "",
  access: "read-only",
  source: { $case: "directory", value: { path: "/d" } },
});
const attached = (name: string, state: AttachedDataset["state"], errorCode = ""): AttachedDataset => ({
  name,
  state,
  errorCode,
  errorMessage: errorCode && `Cannot mount "${name}"`,
  errorHint: errorCode && "Mend it.",
  path: "",
});

const { source: _, ...sourceless } = dataset("a");
const bad: { datasets: Dataset[]; required: string[]; code: string }[] = [
  { datasets: [dataset("My Data")], required: [], code: "invalid_name" },
  { datasets: [dataset("a"), dataset("a")], required: [], code: "invalid_argument" },
  { datasets: [sourceless], required: [], code: "dataset_invalid" },
  { datasets: [dataset("a")], required: ["b"], code: "dataset_not_found" },
];
for (const { datasets, required, code } of bad) {
  Deno.test(`checkDatasets() refuses ${JSON.stringify(datasets.map(({ name }) => name))} as ${code}`, () => {
    assert.throws(() => checkDatasets(datasets, required), { code });
  });
}

Deno.test("refusal() speaks of required datasets only", () => {
  const states = [attached("good", "mounted"), attached("bad", "failed", "dataset_access_denied")];
  assert.equal(refusal(states, ["good"]), undefined);
  const refused = refusal(states, ["good", "bad"]);
  assert.deepEqual([refused?.code, refused?.message, refused?.hint], [
    "dataset_access_denied",
    'Cannot mount "bad"',
    "Mend it.",
  ]);
});

Deno.test("refusal() takes a dataset that is still mounting, or whose failure is new to us, for not mounted", () => {
  assert.equal(refusal([attached("slow", "mounting")], ["slow"])?.code, "dataset_mount_failed");
  assert.equal(refusal([], ["absent"])?.code, "dataset_mount_failed");
  assert.equal(
    refusal([attached("odd", "failed", "dataset_of_tomorrow")], ["odd"])?.code,
    "dataset_mount_failed",
  );
});
