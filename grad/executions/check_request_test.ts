import assert from "node:assert/strict";
import type { CodeRequest } from "../agent/agent.ts";
import { checkCodeRequest } from "./check_request.ts";

const GOOD: CodeRequest = {
  idempotencyKey: "0123456789abcdef",
  session: "",
  kernel: "",
  code: "1+1",
  paramsJson: "",
  codeName: "",
  columns: 0,
  deadlineMs: 0,
  waitMs: 0,
  maxBytes: 0,
};

Deno.test("checkCodeRequest() fills in the session and the size of an answer, and bounds the wait", () => {
  const checked = checkCodeRequest({ ...GOOD, waitMs: 4_000_000_000 });
  assert.deepEqual(checked, { ...GOOD, session: "default", waitMs: 30_000, maxBytes: 1 << 20 });
  assert.equal(checkCodeRequest({ ...GOOD, maxBytes: 1 << 30 }).maxBytes, 4 << 20);
});

Deno.test("checkCodeRequest() bounds the terminal's width, and drops a name of the code that is too long to print", () => {
  const checked = checkCodeRequest({ ...GOOD, columns: 1 << 30, codeName: "x".repeat(1 << 16) });
  assert.ok(checked.columns < 1 << 20, `${checked.columns}`);
  assert.equal(checked.codeName, "");
  assert.equal(checkCodeRequest({ ...GOOD, codeName: "f.py" }).codeName, "f.py");
});

const MIB = 1 << 20;
const bad: { name: string; change: Partial<CodeRequest>; code: string }[] = [
  { name: "empty code", change: { code: "" }, code: "invalid_code" },
  { name: "a NUL byte", change: { code: "a\0b" }, code: "invalid_code" },
  { name: "code over 4 MiB", change: { code: "x".repeat(4 * MIB + 1) }, code: "invalid_code" },
  { name: "code over 4 MiB in bytes only", change: { code: "ü".repeat(2 * MIB + 1) }, code: "invalid_code" },
  { name: "a short key", change: { idempotencyKey: "short" }, code: "invalid_argument" },
  {
    name: "a key that is a path",
    change: { idempotencyKey: "../../../../etc/passwd" },
    code: "invalid_argument",
  },
  { name: "a kernel that is a path", change: { kernel: "../x" }, code: "invalid_argument" },
  {
    name: "a kernel's name of 101 characters",
    change: { kernel: "k".repeat(101) },
    code: "invalid_argument",
  },
  { name: "a bad session", change: { session: "My Session" }, code: "invalid_name" },
  { name: "parameters that are no JSON", change: { paramsJson: "{" }, code: "invalid_argument" },
  {
    name: "parameters of more than 1 MiB",
    change: { paramsJson: JSON.stringify({ a: "x".repeat(MIB - 7) }) },
    code: "invalid_argument",
  },
  {
    name: "an environment variable that no process can have",
    change: { process: { variables: { "A=B": "" }, workingDirectory: "" } },
    code: "invalid_argument",
  },
  { name: "parameters that are a list", change: { paramsJson: "[]" }, code: "invalid_argument" },
];
for (const { name, change, code } of bad) {
  Deno.test(`checkCodeRequest() refuses ${name}`, () => {
    assert.throws(() => checkCodeRequest({ ...GOOD, ...change }), { code });
  });
}

Deno.test("checkCodeRequest() takes code, parameters, kernel and key that are just not too long", () => {
  checkCodeRequest({
    ...GOOD,
    code: "x".repeat(4 * MIB),
    paramsJson: JSON.stringify({ a: "x".repeat(MIB - 8) }),
    kernel: "k".repeat(100),
    idempotencyKey: "k".repeat(64),
  });
});

Deno.test("checkCodeRequest() takes the longest and shortest of what has a bound, and nothing beyond", () => {
  for (const idempotencyKey of ["k".repeat(16), "k".repeat(64)]) {
    checkCodeRequest({ ...GOOD, idempotencyKey });
  }
  for (const idempotencyKey of ["k".repeat(15), "k".repeat(65)]) {
    assert.throws(() => checkCodeRequest({ ...GOOD, idempotencyKey }), { code: "invalid_argument" });
  }
  checkCodeRequest({ ...GOOD, kernel: "k".repeat(100) });
  assert.throws(() => checkCodeRequest({ ...GOOD, kernel: "k".repeat(101) }), { code: "invalid_argument" });
  checkCodeRequest({ ...GOOD, waitMs: 30_000, maxBytes: 4 * MIB });
});

Deno.test("checkCodeRequest() counts bytes of code also where it has few characters", () => {
  const most = Math.floor(4 * MIB / 3);
  checkCodeRequest({ ...GOOD, code: "見".repeat(most) });
  assert.throws(() => checkCodeRequest({ ...GOOD, code: "見".repeat(most + 1) }), { code: "invalid_code" });
});

Deno.test("checkCodeRequest() takes an object of parameters", () => {
  assert.equal(checkCodeRequest({ ...GOOD, paramsJson: '{"a": [1]}' }).paramsJson, '{"a": [1]}');
  for (const paramsJson of ["null", "1", '"a"', "{} {}"]) {
    assert.throws(() => checkCodeRequest({ ...GOOD, paramsJson }), { code: "invalid_argument" });
  }
});
