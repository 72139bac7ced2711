import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import { assertGolden } from "../../shared/testing/golden.ts";
import { GRAD_STATUS, RUNNER } from "../testing/examples.ts";
import { contextHome } from "../auth/testing/context_home.ts";
import { fakeGrad } from "../testing/fake_grad.ts";
import { tempWorkspace } from "../workspace/testing/temp_dir.ts";
import { memoryTrust } from "../workspace/trust/testing/memory_trust.ts";
import { runCommand } from "./testing/run_command.ts";

const FILES = {
  "datasets/flights.yaml":
    "apiVersion: gractl/v1\nkind: Dataset\nname: flights\ntype: s3\ns3: {bucket: nyc, prefix: flights}\n",
  "datasets/broken.yaml": "apiVersion: gractl/v1\nkind: Dataset\nname: broken\ntype: s4\n",
};
const running = { status: () => Promise.resolve(GRAD_STATUS) };

Deno.test("workspace status shows faults of dataset files, and starts nothing", async () => {
  await using dir = await tempWorkspace(FILES);
  const ran = await runCommand(["workspace", "status"], {
    cwd: dir.path,
    localGrad: { status: () => Promise.resolve({ ...GRAD_STATUS, running: false }) },
  });
  assert.equal(ran.exit, 0, ran.stderr);
  const text = ran.stdout.replaceAll(dir.path, "/w");
  await assertGolden(text, new URL("testdata/workspace_status_faults.golden", import.meta.url));
});

Deno.test("workspace status shows grad and runner where grad answers", async () => {
  await using dir = await tempWorkspace(FILES);
  const client = fakeGrad({ runners: { get: () => Promise.resolve(RUNNER) } });
  const circumstances = { cwd: dir.path, format: "json", client, localGrad: running } as const;
  const { grad, runner, datasets, valid } = (await runCommand(["workspace", "status"], circumstances)).json();
  assert.deepEqual(grad, {
    context: "local",
    address: "local",
    reachable: true,
    version: "1.2.3",
    backend: "local",
  });
  assert.deepEqual(runner, {
    name: "runner-1",
    phase: "ready",
    message: "",
    pauseAt: "2026-11-23T23:30:00.000Z",
    destroyAt: null,
  });
  assert.equal(valid, false);
  const [broken, flights] = datasets as { name: string; faults: { line: number; key: string }[] }[];
  assert.deepEqual([broken!.name, broken!.faults.map(({ line, key }) => `${line} ${key}`)], ["broken", [
    "4 type",
  ]]);
  assert.deepEqual([flights!.name, flights!.faults], ["flights", []]);
});

Deno.test("workspace status reports a missing runner, and a grad that does not respond", async () => {
  await using dir = await tempWorkspace(FILES);
  const failing = (error: GradError) => fakeGrad({ runners: { get: () => Promise.reject(error) } });
  const none = await runCommand(["workspace", "status"], {
    cwd: dir.path,
    format: "json",
    client: failing(new GradError("runner_not_found", "Cannot find it")),
    localGrad: running,
  });
  assert.equal((none.json()["runner"] as { phase: string }).phase, "none");
  await using home = await contextHome({ lab: "unix:/run/lab/grad.sock" });
  const away = await runCommand(["workspace", "status", "--context", "lab"], {
    cwd: dir.path,
    env: { HOME: home.path },
    format: "json",
    client: failing(new GradError("grad_unavailable", "grad does not answer")),
  });
  assert.equal(away.exit, 0);
  const { error, ...grad } = away.json()["grad"] as { error: { code: string } };
  assert.deepEqual(grad, { context: "lab", address: "unix:/run/lab/grad.sock", reachable: false });
  assert.equal(error.code, "grad_unavailable");
});

Deno.test("workspace status of an untrusted workspace says once what it asks for, and that grad was not asked", async () => {
  await using dir = await tempWorkspace({ "datasets/flights.yaml": FILES["datasets/flights.yaml"] });
  const ran = await runCommand(["workspace", "status"], { cwd: dir.path, trust: memoryTrust() });
  assert.equal(ran.exit, 0, ran.stderr);
  assert.match(ran.stdout, /^grad: +local, not asked, because you do not trust the workspace$/m);
  assert.match(ran.stdout, / \+ S3: "s3:\/\/nyc\/flights"/);
});
