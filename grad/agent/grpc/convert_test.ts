import assert from "node:assert/strict";
import { Access } from "../../../proto/gen/grad/v1/dataset.ts";
import { Execution as WireExecution } from "../../../proto/gen/grad/v1/execution.ts";
import { FileEntry as WireFileEntry } from "../../../proto/gen/grad/v1/file.ts";
import { AttachedDataset as WireAttached } from "../../../proto/gen/grad/v1/runner.ts";
import { Session as WireSession } from "../../../proto/gen/grad/v1/session.ts";
import { fromDataset, toAttached, toCheck, toExecution, toFileEntry, toSession } from "./convert.ts";

Deno.test("numbers of the wire become names of states, and the rest stays as it is", () => {
  const execution = WireExecution.fromPartial({ id: "x", status: 9 });
  assert.deepEqual(toExecution(execution), { ...execution, status: "lost" });
  assert.equal(toSession(WireSession.fromPartial({ state: 3 })).state, "idle");
  assert.equal(toFileEntry(WireFileEntry.fromPartial({ type: 2 })).type, "directory");
  assert.equal(toAttached(WireAttached.fromPartial({ state: 3 })).state, "failed");
});

Deno.test("a number that this version does not know is unspecified", () => {
  assert.equal(toExecution(WireExecution.fromPartial({ status: 99 as never })).status, "unspecified");
});

for (const [what, convert] of Object.entries({ toExecution, toSession, toFileEntry, toCheck })) {
  Deno.test(`${what}() refuses an answer without its message`, () => {
    assert.throws(() => convert(undefined), { code: "internal" });
  });
}

Deno.test("fromDataset() writes its access as the wire does", () => {
  const dataset = { name: "d", description: "", access: "read-write" } as const;
  assert.deepEqual(fromDataset(dataset), { ...dataset, access: Access.ACCESS_READ_WRITE });
});
