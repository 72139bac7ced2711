import assert from "node:assert/strict";
import { ExecutionStatus } from "../../proto/gen/grad/v1/execution.ts";
import { FileEntry_Type } from "../../proto/gen/grad/v1/file.ts";
import { AttachState } from "../../proto/gen/grad/v1/runner.ts";
import { SessionState } from "../../proto/gen/grad/v1/session.ts";
import type { OwnedExecution } from "../executions/executions.ts";
import type { FileEntry } from "../agent/file.ts";
import type { Session } from "../agent/session.ts";
import {
  fromAttached,
  fromCheck,
  fromExecution,
  fromFileEntry,
  fromSession,
  toDataset,
} from "./convert_agent.ts";

const attached = {
  name: "d",
  state: "mounted",
  errorCode: "",
  errorMessage: "",
  errorHint: "",
  path: "/d",
} as const;

Deno.test("names of states become the numbers of the wire, and the rest stays as it is", () => {
  const execution = { id: "x", status: "out_of_memory", deadlineMs: 7 } as OwnedExecution;
  assert.deepEqual(fromExecution(execution), {
    ...execution,
    status: ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY,
  });
  assert.equal(fromSession({ state: "busy" } as Session).state, SessionState.SESSION_STATE_BUSY);
  assert.equal(fromFileEntry({ type: "symlink" } as FileEntry).type, FileEntry_Type.TYPE_SYMLINK);
  assert.deepEqual(fromAttached(attached), { ...attached, state: AttachState.ATTACH_STATE_MOUNTED });
});

Deno.test("what this version does not know is unspecified on the wire", () => {
  assert.equal(
    fromSession({ state: "unspecified" } as Session).state,
    SessionState.SESSION_STATE_UNSPECIFIED,
  );
});

Deno.test("fromCheck() converts the dataset in it, if there is one", () => {
  const check = { files: 1n, bytes: 2n, truncated: false, tables: [], samplePaths: [] };
  assert.equal(fromCheck({ ...check, attached }).attached?.state, AttachState.ATTACH_STATE_MOUNTED);
  assert.equal(fromCheck(check).attached, undefined);
});

for (const [wire, access] of [[0, "read-only"], [1, "read-only"], [2, "read-write"]] as const) {
  Deno.test(`toDataset() takes access ${wire} for ${access}`, () => {
    assert.equal(toDataset({ name: "d", description: "", access: wire }).access, access);
  });
}

Deno.test("toDataset() refuses an access that it does not know", () => {
  assert.throws(() => toDataset({ name: "d", description: "", access: 3 as never }), {
    code: "invalid_argument",
    message: /"d" with access 3/,
  });
});
