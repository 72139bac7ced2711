import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import type { GradClient } from "../client/grad_client.ts";
import { assertGolden } from "../../shared/testing/golden.ts";
import { CONFIG, type TempDir, tempDir } from "../workspace/testing/temp_dir.ts";
import { runCommand } from "./testing/run_command.ts";
import { workspaceStatus } from "./workspace_status.ts";

function fakeGrad(get: () => unknown): GradClient {
  return {
    info: { version: "1.2.3", backend: "local" },
    runners: { get: () => Promise.resolve().then(get) },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  } as unknown as GradClient;
}

async function workspace(): Promise<TempDir> {
  const dir = await tempDir();
  await dir.write("config.yaml", CONFIG);
  await dir.write(
    "datasets/flights.yaml",
    "apiVersion: gractl/v1\nkind: Dataset\nname: flights\ntype: s3\ns3: {bucket: nyc, prefix: flights}\n",
  );
  await dir.write("datasets/broken.yaml", "apiVersion: gractl/v1\nkind: Dataset\nname: broken\ntype: s4\n");
  return dir;
}

Deno.test("workspace status shows everything, the faults too, without starting anything", async () => {
  await using dir = await workspace();
  const ran = await runCommand(workspaceStatus, [], { cwd: dir.path });
  assert.equal(ran.exit, 0, ran.stderr);
  const text = ran.stdout.replaceAll(dir.path, "/w");
  await assertGolden(text, new URL("testdata/workspace_status.golden", import.meta.url));
});

Deno.test("workspace status tells grad and runner, if grad answers", async () => {
  await using dir = await workspace();
  const ready = fakeGrad(() => ({ phase: "ready", phaseMessage: "" }));
  const { grad, runner, datasets, valid } =
    (await runCommand(workspaceStatus, [], { cwd: dir.path, format: "json", client: ready })).json();
  assert.deepEqual(grad, { address: "local", reachable: true, version: "1.2.3", backend: "local" });
  assert.deepEqual(runner, { name: "runner-1", phase: "ready", message: "" });
  assert.equal(valid, false);
  const [broken, flights] = datasets as { name: string; faults: { line: number; key: string }[] }[];
  assert.deepEqual([broken!.name, broken!.faults.map(({ line, key }) => `${line} ${key}`)], ["broken", [
    "4 type",
  ]]);
  assert.deepEqual([flights!.name, flights!.faults], ["flights", []]);
});

Deno.test("workspace status says that a runner was never made, and that grad does not answer", async () => {
  await using dir = await workspace();
  const without = fakeGrad(() => {
    throw new GradError("runner_not_found", "Cannot find it");
  });
  const none = await runCommand(workspaceStatus, [], { cwd: dir.path, format: "json", client: without });
  assert.equal((none.json()["runner"] as { phase: string }).phase, "none");
  const broken = fakeGrad(() => {
    throw new GradError("grad_unavailable", "grad does not answer");
  });
  const away = await runCommand(workspaceStatus, [], {
    cwd: dir.path,
    format: "json",
    client: broken,
    address: "unix:/run/grad.sock",
  });
  assert.equal(away.exit, 0);
  const { reachable, error } = away.json()["grad"] as { reachable: boolean; error: { code: string } };
  assert.deepEqual([reachable, error.code], [false, "grad_unavailable"]);
});
