import assert from "node:assert/strict";
import { join } from "node:path";
import { GradError } from "../../shared/errors.ts";
import { assertGolden } from "../../shared/testing/golden.ts";
import type { Runner, RunnerSpec } from "../client/runners.ts";
import type { Session } from "../client/sessions.ts";
import { fakeDeps, runWith } from "../testing/fake_deps.ts";
import { EXECUTION, fakeGrad } from "../testing/fake_grad.ts";
import { CONFIG, tempDir } from "../workspace/testing/temp_dir.ts";

const RUNNER: Runner = {
  id: "raaaaaaaaaaaa",
  ref: { workspaceId: "ws-abcdefgh12345678", name: "runner-1" },
  owner: "local",
  phase: "ready",
  phaseMessage: "",
  spec: {
    environment: "default",
    resources: { cpuMillis: 2_000, memoryMib: 4_096, storageMib: 10_240 },
    network: "none",
  },
  createdAt: new Date("2026-11-23T10:00:00.000Z"),
  lastActiveAt: new Date("2026-11-23T11:30:00.000Z"),
  lastActivity: "execution",
  datasets: [
    {
      name: "flights",
      state: "mounted",
      errorCode: "",
      errorMessage: "",
      errorHint: "",
      path: "/workspace/data/flights",
    },
    {
      name: "old",
      state: "failed",
      errorCode: "dataset_bucket_not_found",
      errorMessage: "The bucket does not exist",
      errorHint: "Check it.",
      path: "/workspace/data/old",
    },
  ],
  tombstone: undefined,
  agentVersion: "0.1.0",
  backend: "local",
};
const ENDED: Runner = {
  ...RUNNER,
  phase: "destroyed",
  datasets: [],
  tombstone: {
    endedAt: new Date("2026-11-23T11:59:00.000Z"),
    endedBy: "local",
    reason: "destroyed",
    message: "",
  },
};
const SESSION: Session = {
  name: "default",
  runnerId: "raaaaaaaaaaaa",
  kernel: "python3",
  state: "busy",
  createdAt: new Date("2026-11-23T10:00:00.000Z"),
  lastUsedAt: new Date("2026-11-23T11:59:50.000Z"),
  generation: 2,
  previousEnd: "out_of_memory",
  executions: 7,
  runningExecutionId: EXECUTION.id,
  queued: 1,
};
const FAILED = {
  ...EXECUTION,
  status: "failed",
  startedAt: new Date("2026-11-23T10:00:01.000Z"),
  finishedAt: new Date("2026-11-23T10:00:03.500Z"),
  error: { code: "code_raised", name: "ValueError", message: "no\x1b[2J", traceback: [], hint: "" },
  usage: { cpuMs: 120, peakMemoryBytes: 300 * 2 ** 20 },
} as const;
const FILES = [
  {
    path: "outputs/sub",
    type: "directory",
    bytes: 0,
    modifiedAt: new Date("2026-11-23T11:00:00.000Z"),
    mode: 0o755,
  },
  {
    path: "outputs/t.csv",
    type: "file",
    bytes: 1_234,
    modifiedAt: new Date("2026-11-23T11:59:00.000Z"),
    mode: 0o644,
  },
] as const;

const specs: RunnerSpec[] = [];
const client = () =>
  fakeGrad({
    runners: {
      create: (_, spec) => (specs.push(spec), Promise.resolve({ runner: RUNNER, created: true })),
      get({ name }) {
        if (name === "runner-1") return Promise.resolve(RUNNER);
        if (name === "ended") return Promise.resolve(ENDED);
        return Promise.reject(new GradError("runner_not_found", `Cannot find the runner "${name}"`));
      },
      list: () => Promise.resolve([RUNNER, ENDED]),
      destroy: () => Promise.resolve(ENDED),
    },
    sessions: {
      list: () => Promise.resolve([SESSION]),
      get: () => Promise.resolve(SESSION),
      reset: () => Promise.resolve({ ...SESSION, state: "empty" }),
    },
    executions: {
      list: () => Promise.resolve([FAILED, EXECUTION]),
      get: () => Promise.resolve(FAILED),
      interrupt: () => Promise.resolve(EXECUTION),
      readEvents: () => Promise.resolve({ events: [], nextSeq: 1, done: true }),
    },
    files: { list: () => Promise.resolve({ entries: FILES, truncated: false }) },
  });

/** Runs a command line in a workspace. */
async function gractl(args: readonly string[]) {
  await using dir = await tempDir();
  await dir.write("config.yaml", CONFIG);
  const deps = fakeDeps({ cwd: dir.path, client: client() });
  const exit = await runWith(deps, args);
  return { exit, ...deps.text };
}

const commands: string[][] = [
  ["runner", "create", "runner-1"],
  ["runner", "list"],
  ["runner", "get", "runner-1"],
  ["runner", "get", "ended"],
  ["runner", "destroy", "runner-1"],
  ["session", "list"],
  ["session", "get", "default"],
  ["session", "reset", "default"],
  ["execution", "list"],
  ["execution", "get", EXECUTION.id],
  ["execution", "interrupt", EXECUTION.id],
  ["file", "list", "outputs"],
];
for (const args of commands) {
  const name = args.slice(0, 2).join("_") + (args[2] === "ended" ? "_ended" : "");
  Deno.test(`gractl ${args.slice(0, 3).join(" ")} is what its golden file shows`, async () => {
    const text = await gractl(args);
    const json = await gractl([...args, "-o", "json"]);
    assert.deepEqual([text.exit, json.exit, json.stderr], [0, 0, ""]);
    const both = `--- text\n${text.stdout}--- json\n${
      JSON.stringify(JSON.parse(json.stdout), undefined, 2)
    }\n`;
    await assertGolden(both, new URL(`testdata/${name}.golden`, import.meta.url));
  });
}

Deno.test("gractl runner create reads what the runner may use", async () => {
  const options = ["--cpu", "0.5", "--memory", "4GiB", "--storage", "10GiB", "--network", "full"];
  assert.equal((await gractl(["runner", "create", "big", ...options, "--environment", "gpu"])).exit, 0);
  assert.deepEqual(specs.at(-1), {
    environment: "gpu",
    resources: { cpuMillis: 500, memoryMib: 4_096, storageMib: 10_240 },
    network: "full",
  });
});

const refused: [args: string[], code: string][] = [
  [["runner", "create", "Bad Name"], "invalid_name"],
  [["runner", "create", "a", "--memory", "lots"], "invalid_argument"],
  [["runner", "create", "a", "--memory", "12B"], "invalid_argument"],
  [["runner", "create", "a", "--cpu", "-1"], "invalid_argument"],
  [["runner", "create", "a", "--network", "some"], "usage"],
  [["runner", "get", "nothing"], "runner_not_found"],
  [["session", "list", "--runner", "../x"], "invalid_name"],
  [["session", "reset", "A"], "invalid_name"],
  [["execution", "list", "--limit", "0"], "usage"],
];
for (const [args, code] of refused) {
  Deno.test(`gractl ${args.join(" ")} is refused as ${code}`, async () => {
    const { exit, stdout } = await gractl([...args, "-o", "json"]);
    assert.deepEqual([exit, JSON.parse(stdout).error.code], [2, code]);
  });
}

Deno.test("gractl file put and get refuse a source that names no file", async () => {
  const get = await gractl(["file", "get", "..", "-o", "json"]);
  assert.equal(JSON.parse(get.stdout).error.code, "path_not_allowed");
  const put = await gractl(["file", "put", join("/nowhere", "x"), "outputs/", "-o", "json"]);
  assert.equal(JSON.parse(put.stdout).error.code, "file_not_found");
});
