import assert from "node:assert/strict";
import type { ExecuteRequest } from "../client/executions.ts";
import { eventsOf, fakeGrad, scripted, STARTED, SUCCEEDED, utf8 } from "../testing/fake_grad.ts";
import { tempWorkspace } from "../workspace/testing/temp_dir.ts";
import { runCommand } from "./testing/run_command.ts";

const DATASET = (name: string) =>
  `apiVersion: gractl/v1
kind: Dataset
name: ${name}
description: x
type: s3
s3: {endpoint: "http://127.0.0.1:9000", region: us-east-1, bucket: bucket, prefix: p, pathStyle: true}
access: read-only
credentials: {source: ${name === "open" ? "anonymous" : "environment"}}
`;

/** Runs execute-code in a workspace; answers also with the request that grad got. */
async function executeCode(
  args: readonly string[],
  options: { files?: Record<string, string>; terminal?: boolean; stdin?: string } = {},
) {
  await using dir = await tempWorkspace(options.files);
  const script = scripted(eventsOf(STARTED, SUCCEEDED), { first: 5 });
  const requests: ExecuteRequest[] = [];
  const client = fakeGrad({
    executions: {
      ...script,
      execute(request, signal) {
        requests.push(request);
        return script.execute(request, signal);
      },
    },
  });
  const { terminal = false, stdin = "" } = options;
  const line = ["execute-code", ...args.map((arg) => arg.replace("DIR", dir.path))];
  const ran = await runCommand(line, { cwd: dir.path, client, terminal, stdin: utf8(stdin) });
  return { ...ran, request: requests[0] };
}

Deno.test("gractl execute-code uses the workspace's runner and session and a new key", async () => {
  const { exit, request } = await executeCode(["--code", "1+1"]);
  assert.equal(exit, 0);
  assert.deepEqual({ ...request, spec: undefined }, {
    runner: { workspaceId: "ws-abcdefgh12345678", name: "runner-1" },
    spec: undefined,
    session: "default",
    kernel: "",
    idempotencyKey: "a".repeat(24),
    code: "1+1",
    paramsJson: "",
    codeName: "",
    columns: 0,
    deadlineMs: 30 * 60_000,
    datasets: [],
    requiredDatasets: [],
    waitMs: 1_000,
  });
});

Deno.test("gractl execute-code sends the values of all options", async () => {
  const key = "0123456789abcdef";
  const { request } = await executeCode([
    ...["--file", "DIR/a.py", "--runner", "big", "--session", "s", "--kernel", "bash", "--timeout", "1m30s"],
    ...["--param", "a=1", "--params-file", "DIR/p.yaml", "--idempotency-key", key],
  ], { files: { "a.py": "print(a)", "p.yaml": "a: 0\nb: x\n" } });
  assert.deepEqual(
    [
      request?.code,
      request?.runner.name,
      request?.session,
      request?.kernel,
      request?.deadlineMs,
      request?.idempotencyKey,
    ],
    ["print(a)", "big", "s", "bash", 90_000, key],
  );
  assert.equal(request?.paramsJson, '{"a":1,"b":"x"}');
});

Deno.test("gractl execute-code has no deadline on a terminal, and none with --timeout none", async () => {
  assert.equal((await executeCode(["--code", "1"], { terminal: true })).request?.deadlineMs, 0);
  assert.equal((await executeCode(["--code", "1", "--timeout", "none"])).request?.deadlineMs, 0);
});

Deno.test("gractl execute-code reads standard input", async () => {
  assert.equal((await executeCode(["-"], { stdin: "x = 1" })).request?.code, "x = 1");
});

Deno.test("gractl execute-code sends all datasets as required ones", async () => {
  const { request } = await executeCode(["--code", "1"], {
    files: { "datasets/open.yaml": DATASET("open") },
  });
  assert.deepEqual(request?.datasets.map(({ name }) => name), ["open"]);
  assert.deepEqual(request?.requiredDatasets, ["open"]);
});

const files = { "datasets/open.yaml": DATASET("open"), "datasets/closed.yaml": DATASET("closed") };

Deno.test("gractl execute-code names the dataset without keys before it calls grad", async () => {
  const { exit, stdout, request } = await executeCode(["--code", "1", "-o", "json"], { files });
  assert.equal(exit, 2);
  const { error } = JSON.parse(stdout);
  assert.equal(error.code, "credentials_not_found");
  assert.match(error.message, /closed/);
  assert.equal(request, undefined);
});

Deno.test("gractl execute-code --dataset sends no others whose keys are missing, and warns", async () => {
  const { exit, stdout, request } = await executeCode(["--code", "1", "--dataset", "open", "-o", "json"], {
    files,
  });
  assert.equal(exit, 0);
  assert.deepEqual([request?.datasets.map(({ name }) => name), request?.requiredDatasets], [["open"], [
    "open",
  ]]);
  assert.match(JSON.parse(stdout).warnings[0], /closed is not attached/);
});

const refused: [args: string[], code: string][] = [
  [[], "usage"],
  [["--code", "1", "--file", "x"], "usage"],
  [["--code", ""], "invalid_code"],
  [["--file", "none.py"], "file_not_found"],
  [["--code", "1", "--param", "no name=1"], "invalid_argument"],
  [["--code", "1", "--params-file", "none.json"], "file_not_found"],
  [["--code", "1", "--params-file", "/"], "invalid_argument"],
  // A clone may bring links to what has no end.
  [["--code", "1", "--params-file", "/dev/zero"], "invalid_file"],
  [["--file", "/dev/zero"], "invalid_code"],
  [["--file", "/"], "invalid_argument"],
  [["--code", "1", "--session", "My Session"], "invalid_name"],
  [["--code", "1", "--runner", "../x"], "invalid_name"],
  [["--code", "1", "--timeout", "soon"], "invalid_argument"],
  [["--code", "1", "--timeout", "0s"], "invalid_argument"],
  [["--code", "1", "--idempotency-key", "short"], "invalid_argument"],
  [["--code", "1", "--dataset", "none"], "dataset_not_found"],
];
for (const [args, code] of refused) {
  Deno.test(`gractl execute-code ${args.join(" ")} is refused as ${code}`, async () => {
    const { exit, stdout, request } = await executeCode(["-o", "json", ...args]);
    assert.deepEqual([exit, JSON.parse(stdout).error.code, request], [2, code, undefined]);
  });
}
