import assert from "node:assert/strict";
import { checkRef, executionId, runnerId, runnerOfExecution } from "./names.ts";

const REF = { workspaceId: "ws-0123456789abcdef", name: "runner-1" };

Deno.test("runnerId() is the base32 of the hash that the contract names", async () => {
  const text = new TextEncoder().encode(`local\0${REF.workspaceId}\0${REF.name}`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  const bits = [...hash].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const digits = bits.slice(0, 60).match(/.{5}/g)!.map((five) => parseInt(five, 2));
  const want = `r${digits.map((digit) => "abcdefghijklmnopqrstuvwxyz234567"[digit]).join("")}`;
  assert.equal(runnerId("local", REF), want);
});

Deno.test("runnerId() tells owners, workspaces and names apart", () => {
  const ids = [
    runnerId("local", REF),
    runnerId("other", REF),
    runnerId("local", { ...REF, name: "runner-2" }),
    runnerId("local", { ...REF, workspaceId: "ws-0123456789abcdeg" }),
  ];
  assert.equal(new Set(ids).size, 4);
});

Deno.test("runnerOfExecution() undoes executionId()", () => {
  const id = runnerId("local", REF);
  assert.equal(runnerOfExecution(executionId(id, "some-key")), id);
});

for (
  const id of [
    "",
    "x",
    "r123456789012-0123456789abcdef",
    "rabcdefghijkl-XYZ",
    "../rabcdefghijkl-0123456789abcdef",
  ]
) {
  Deno.test(`runnerOfExecution() refuses ${JSON.stringify(id)}`, () => {
    assert.throws(() => runnerOfExecution(id), { code: "execution_not_found" });
  });
}

for (
  const [ref, code] of [
    [undefined, "invalid_argument"],
    [{ workspaceId: "", name: "runner-1" }, "invalid_argument"],
    [{ workspaceId: "ws-0123456789ABCDEF", name: "runner-1" }, "invalid_argument"],
    [{ ...REF, name: "My Runner" }, "invalid_name"],
    [{ ...REF, name: "" }, "invalid_name"],
  ] as const
) {
  Deno.test(`checkRef() refuses ${JSON.stringify(ref)} as ${code}`, () => {
    assert.throws(() => checkRef(ref), { code });
  });
}

Deno.test("checkRef() gives back the workspace and the name, and nothing else", () => {
  assert.deepEqual(checkRef({ ...REF, extra: 1 } as typeof REF), REF);
});

Deno.test("checkRef() shows the first 80 characters of a workspace id", () => {
  const workspaceId = `ws-${"x".repeat(77)}y`;
  assert.throws(() => checkRef({ ...REF, workspaceId }), {
    message: new RegExp(`Cannot use "${workspaceId.slice(0, 80)}" as a workspace id`),
  });
});

Deno.test("checkRef() takes a workspace id of 16 characters, no more and no fewer", () => {
  for (const workspaceId of [`ws-${"a".repeat(15)}`, `ws-${"a".repeat(17)}`]) {
    assert.throws(() => checkRef({ ...REF, workspaceId }), { code: "invalid_argument" });
  }
});
