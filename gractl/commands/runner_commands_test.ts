import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import type { RunnerSpec } from "../client/runners.ts";
import { exampleGrad, RUNNER } from "../testing/examples.ts";
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
