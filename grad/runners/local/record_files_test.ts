import assert from "node:assert/strict";
import { aRecord } from "../testing/records.ts";
import { recordFiles } from "./record_files.ts";

async function scratch(body: (state: string) => Promise<void>): Promise<void> {
  const state = await Deno.makeTempDir();
  try {
    await body(state);
  } finally {
    await Deno.remove(state, { recursive: true });
  }
}

Deno.test("recordFiles().create() lets one of many win, and leaves no draft", () =>
  scratch(async (state) => {
    const won = await Promise.all(
      [1, 2, 3, 4].map(() => recordFiles({ state, runtime: "/r" }).create(aRecord())),
    );
    assert.equal(won.filter(Boolean).length, 1);
    const left = await Array.fromAsync(Deno.readDir(`${state}/runners/${aRecord().id}`));
    assert.deepEqual(left.map(({ name }) => name), ["record.json"]);
  }));

Deno.test("recordFiles().replace() lets one of many that read the same revision win", () =>
  scratch(async (state) => {
    const records = recordFiles({ state, runtime: "/r" });
    assert.deepEqual(await records.list(), []);
    assert.equal(await records.read(aRecord().id), undefined);
    await records.create(aRecord());
    const writes = ["a", "b", "c"].map((phaseMessage) =>
      records.replace(aRecord({ revision: 2, phaseMessage }))
    );
    assert.equal((await Promise.all(writes)).filter(Boolean).length, 1);
    assert.equal((await records.list())[0]?.revision, 2);
    await records.remove(aRecord().id);
    await records.remove(aRecord().id);
    assert.deepEqual(await records.list(), []);
  }));
