import assert from "node:assert/strict";
import { join } from "node:path";
import { systemIds } from "../../../shared/ids.ts";
import { aRecord } from "../testing/records.ts";
import { storeContract } from "../testing/store_contract.ts";
import { fileStore } from "./file_store.ts";

async function scratch(): Promise<AsyncDisposable & { state: string }> {
  const state = await Deno.makeTempDir();
  return { state, [Symbol.asyncDispose]: () => Deno.remove(state, { recursive: true }) };
}

storeContract("file", async () => {
  const { state, ...dispose } = await scratch();
  const store = () => fileStore({ state, runtime: "/r" }, systemIds);
  return { stores: [store(), store()], ...dispose };
});

Deno.test("fileStore() leaves no draft behind, also where a record exists", async () => {
  await using dir = await scratch();
  const store = fileStore({ state: dir.state, runtime: "/r" }, systemIds);
  const { version } = (await store.create(aRecord()))!;
  assert.equal(await store.create(aRecord()), undefined);
  await store.update(aRecord().id, version, { spec: aRecord().spec });
  const left = await Array.fromAsync(Deno.readDir(join(dir.state, "records")));
  assert.deepEqual(left.map(({ name }) => name), [`${aRecord().id}.json`]);
});

Deno.test("fileStore() refuses a record of another format, and names its file", async () => {
  await using dir = await scratch();
  const path = join(dir.state, "records", `${aRecord().id}.json`);
  await Deno.mkdir(join(dir.state, "records"));
  await Deno.writeTextFile(path, JSON.stringify({ format: 3 }));
  const store = fileStore({ state: dir.state, runtime: "/r" }, systemIds);
  await assert.rejects(store.get(aRecord().id), { message: new RegExp(`"${path}".*format is 3`) });
});
