import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import type { ExecutionCalls } from "../client/executions.ts";
import type { Runner, RunnerCalls, RunnerSpec } from "../client/runners.ts";
import { ENDED_RUNNER, exampleGrad, RUNNER } from "../testing/examples.ts";
import { eventsOf, scripted, STARTED, SUCCEEDED } from "../testing/fake_grad.ts";
import { tempWorkspace } from "../workspace/testing/temp_dir.ts";
import { runCommand } from "./testing/run_command.ts";

Deno.test("runner create sends the resources that its options name", async () => {
  await using dir = await tempWorkspace();
  const specs: RunnerSpec[] = [];
  const client = exampleGrad({
    runners: { create: (_, spec) => (specs.push(spec), Promise.resolve({ runner: RUNNER, created: true })) },
  });
  const options = ["--cpu", "0.5", "--memory", "4GiB", "--storage", "10GiB", "--network", "full"];
  const line = ["runner", "create", "big", ...options, "--environment", "gpu"];
  assert.equal((await runCommand(line, { cwd: dir.path, client })).exit, 0);
  assert.deepEqual(specs, [{
    environment: "gpu",
    resources: { cpuMillis: 500, memoryMib: 4_096, storageMib: 10_240 },
    network: "full",
  }]);
});

/** A grad whose runner goes through these states, one with each call; then the watch is cancelled. */
function watchedGrad(states: readonly (readonly Runner[])[]) {
  const cursors: string[] = [];
  const watch: RunnerCalls["watch"] = ({ cursor }) => {
    const runners = states[cursors.push(cursor) - 1];
    if (runners === undefined) return Promise.reject(new GradError("cancelled", "Cancelled by Ctrl-C"));
    return Promise.resolve({ runners, cursor: `c${cursors.length}` });
  };
  return { cursors, client: exampleGrad({ runners: { watch } }) };
}

const pausing: Runner = { ...RUNNER, phase: "pausing", stage: "stopping_components" };
const STATES = [
  [RUNNER, { ...ENDED_RUNNER, id: "rb", ref: { ...RUNNER.ref, name: "old" } }],
  [pausing, { ...ENDED_RUNNER, id: "rb", ref: { ...RUNNER.ref, name: "old" } }],
  [pausing, { ...ENDED_RUNNER, id: "rb", ref: { ...RUNNER.ref, name: "old" } }],
  [ENDED_RUNNER, { ...ENDED_RUNNER, id: "rb", ref: { ...RUNNER.ref, name: "old" } }],
];

Deno.test("runner list --watch shows the runners, and then each change once, until it is cancelled", async () => {
  await using dir = await tempWorkspace();
  const { client, cursors } = watchedGrad(STATES);
  const ran = await runCommand(["runner", "list", "--watch"], { cwd: dir.path, client });
  assert.equal(ran.exit, 130);
  const rows = ran.stdout.trimEnd().split("\n").map((line) => line.split(/ +/).slice(0, 2).join(" "));
  assert.deepEqual(rows, ["NAME PHASE", "runner-1 ready", "runner-1 pausing", "runner-1 destroyed"]);
  assert.deepEqual(cursors, ["", "c1", "c2", "c3", "c4"]);
});

Deno.test("runner list -o ndjson has a line for each runner, and under --watch for each change", async () => {
  await using dir = await tempWorkspace();
  const phases = async (...options: string[]) => {
    const { client } = watchedGrad(STATES);
    const ran = await runCommand(["runner", "list", ...options], { cwd: dir.path, client, format: "ndjson" });
    const lines = ran.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    return lines.filter(({ kind }) => kind === "Runner").map(({ name, phase }) => `${name} ${phase}`);
  };
  assert.deepEqual(await phases(), ["runner-1 ready"]);
  assert.deepEqual(await phases("--ended"), ["runner-1 ready", "old destroyed"]);
  assert.deepEqual(await phases("--watch"), ["runner-1 ready", "runner-1 pausing", "runner-1 destroyed"]);
});

Deno.test("runner list --watch cannot be one JSON document", async () => {
  await using dir = await tempWorkspace();
  const ran = await runCommand(["runner", "list", "--watch"], { cwd: dir.path, format: "json" });
  assert.deepEqual([ran.exit, ran.json().error?.code], [2, "usage"]);
});

Deno.test("execute-code says that it has resumed a paused runner", async () => {
  await using dir = await tempWorkspace();
  const calls = scripted(eventsOf(STARTED, SUCCEEDED));
  const execute: ExecutionCalls["execute"] = async (request, signal) => ({
    ...await calls.execute(request, signal),
    resumed: true,
  });
  const client = exampleGrad({ executions: { ...calls, execute } });
  const ran = await runCommand(["execute-code", "--code", "1"], { cwd: dir.path, client });
  assert.match(ran.stderr, /runner-1 was paused; it is resumed/);
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
  [["execution", "attach", "x", "--from-seq", "0"], "usage"],
  [["file", "get", ".."], "path_not_allowed"],
  [["file", "put", "/nowhere/x", "outputs/"], "file_not_found"],
];
for (const [args, code] of refused) {
  Deno.test(`gractl ${args.join(" ")} is refused as ${code}`, async () => {
    await using dir = await tempWorkspace();
    const missing = () => Promise.reject(new GradError("runner_not_found", "Cannot find the runner"));
    const client = exampleGrad(code === "runner_not_found" ? { runners: { get: missing } } : {});
    const ran = await runCommand(args, { cwd: dir.path, client, format: "json" });
    assert.deepEqual([ran.exit, ran.json().error?.code], [2, code]);
  });
}
