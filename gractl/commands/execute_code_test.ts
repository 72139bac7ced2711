import assert from "node:assert/strict";
import type { ExecuteRequest } from "../client/executions.ts";
import type { AttachedDataset } from "../client/runners.ts";
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
  options: {
    files?: Record<string, string>;
    terminal?: boolean;
    stdin?: string;
    unavailable?: readonly AttachedDataset[];
  } = {},
) {
  await using dir = await tempWorkspace(options.files);
  const script = scripted(eventsOf(STARTED, SUCCEEDED), { first: 5 });
  const requests: ExecuteRequest[] = [];
  const client = fakeGrad({
    executions: {
      ...script,
      async execute(request, signal) {
        requests.push(request);
        const answer = await script.execute(request, signal);
        return { ...answer, unavailableDatasets: options.unavailable ?? [] };
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
    process: undefined,
    existingRunner: false,
    deadlineMs: 30 * 60_000,
    datasets: [],
    requiredDatasets: [],
    keepOtherDatasets: false,
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

Deno.test("gractl execute-code runs a file that ends with .sql as SQL, in Python's kernel", async () => {
  const files = { "a.sql": "FROM flights" };
  const { request } = await executeCode(["--file", "DIR/a.sql"], { files });
  assert.deepEqual([request?.code, request?.kernel], ["%%sql\nFROM flights", "python3"]);
  const { request: other } = await executeCode(["--file", "DIR/a.sql", "--kernel", "bash"], { files });
  assert.deepEqual([other?.code, other?.kernel], ["FROM flights", "bash"]);
});

Deno.test("gractl execute-code has no deadline on a terminal, and none with --timeout none", async () => {
  assert.equal((await executeCode(["--code", "1"], { terminal: true })).request?.deadlineMs, 0);
  assert.equal((await executeCode(["--code", "1", "--timeout", "none"])).request?.deadlineMs, 0);
});

Deno.test("gractl execute-code reads standard input", async () => {
  assert.equal((await executeCode(["-"], { stdin: "x = 1" })).request?.code, "x = 1");
});

const files = { "datasets/open.yaml": DATASET("open"), "datasets/closed.yaml": DATASET("closed") };

/** What execute-code sends of each dataset, and what of them all. */
function sent(request: ExecuteRequest | undefined) {
  return [
    request?.datasets.map(({ name, source }) =>
      `${name}${source.type === "s3" && source.credentialsUnavailable ? " without keys" : ""}`
    ),
    request?.requiredDatasets,
    request?.keepOtherDatasets,
  ];
}

Deno.test("gractl execute-code requires no dataset, also where keys are missing", async () => {
  const { exit, request } = await executeCode(["--code", "1"], { files });
  assert.deepEqual([exit, sent(request)], [0, [["closed without keys", "open"], [], false]]);
});

Deno.test("gractl execute-code --dataset requires it, and detaches no others", async () => {
  const { exit, request } = await executeCode(["--code", "1", "--dataset", "open"], { files });
  assert.deepEqual([exit, sent(request)], [0, [["closed without keys", "open"], ["open"], true]]);
});

Deno.test("gractl execute-code --dataset without its keys is refused before grad is called", async () => {
  const { exit, stdout, request } = await executeCode([
    ...["--code", "1", "--dataset", "closed", "-o", "json"],
  ], { files });
  const { error } = JSON.parse(stdout);
  assert.deepEqual([exit, error.code, request], [2, "credentials_not_found", undefined]);
  assert.match(error.message, /closed/);
});

Deno.test("gractl execute-code --no-datasets leaves the mounts as they are and reads no dataset file", async () => {
  const broken = { ...files, "datasets/broken.yaml": "no dataset" };
  const { exit, stderr, request } = await executeCode(["--code", "1", "--no-datasets"], { files: broken });
  assert.deepEqual([exit, stderr, sent(request)], [0, "", [[], [], true]]);
});

Deno.test("gractl execute-code warns of a dataset file that is not valid, unless that dataset is required", async () => {
  const broken = { "datasets/open.yaml": DATASET("open"), "datasets/broken.yaml": "name: 1" };
  const { exit, stderr, request } = await executeCode(["--code", "1"], { files: broken });
  assert.deepEqual([exit, sent(request)], [0, [["open"], [], false]]);
  assert.match(stderr, /warning: The dataset broken is not attached: \S+datasets\/broken\.yaml:1:\d+: /);
  const required = await executeCode(["--code", "1", "--dataset", "broken"], { files: broken });
  assert.deepEqual([required.exit, required.request], [2, undefined]);
});

Deno.test("gractl execute-code warns of datasets that code cannot read, each with the reason", async () => {
  const base = { path: "", errorCode: "dataset_bucket_not_found" };
  const unavailable: AttachedDataset[] = [
    { ...base, name: "closed", state: "failed", errorMessage: "Cannot attach it", errorHint: "Bring keys." },
    { ...base, name: "open", state: "failed", errorMessage: "No such bucket", errorHint: "Check bucket." },
    { ...base, name: "slow", state: "mounting", errorMessage: "", errorHint: "" },
    { ...base, name: "again", state: "mounting", errorMessage: "No answer", errorHint: "Check network." },
  ];
  const { stdout } = await executeCode(["--code", "1", "-o", "json"], { files, unavailable });
  const waits = (name: string) =>
    `The dataset ${name} is still being mounted, and opening it is an error until then; \`--dataset ${name}\` waits for it`;
  const [closed, ...others] = JSON.parse(stdout).warnings;
  // What gractl knows of missing keys says more than the runner.
  assert.match(closed, /^The dataset closed is not attached, .*AWS_ACCESS_KEY_ID/);
  assert.deepEqual(others, [
    "The dataset open is not attached, and opening it is an error: No such bucket. Check bucket.",
    waits("slow"),
    `${waits("again")}. The try before has failed: No answer. Check network.`,
  ]);
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
  [["--code", "1", "--dataset", "none", "--no-datasets"], "usage"],
];
for (const [args, code] of refused) {
  Deno.test(`gractl execute-code ${args.join(" ")} is refused as ${code}`, async () => {
    const { exit, stdout, request } = await executeCode(["-o", "json", ...args]);
    assert.deepEqual([exit, JSON.parse(stdout).error.code, request], [2, code, undefined]);
  });
}
