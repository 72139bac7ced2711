import assert from "node:assert/strict";
import { CONFIG, tempDir, tempWorkspace } from "../workspace/testing/temp_dir.ts";
import { runCommand } from "./testing/run_command.ts";

Deno.test("config get shows all settings or one", async () => {
  await using dir = await tempDir();
  await dir.write("config.yaml", CONFIG.replace("session: default\n", ""));
  const all = (await runCommand(["config", "get"], { cwd: dir.path, format: "json" })).json();
  assert.deepEqual(all, {
    apiVersion: "gractl/v1",
    kind: "Config",
    workspaceId: "ws-abcdefgh12345678",
    grad: "local",
    runner: "runner-1",
    session: "default",
  });
  assert.equal((await runCommand(["config", "get", "session"], { cwd: dir.path })).stdout, "default\n");
  const wrong = await runCommand(["config", "get", "sesion"], { cwd: dir.path, format: "json" });
  assert.equal(wrong.json().error?.hint, 'Did you mean "session"?');
});

Deno.test("config set changes one value and no other byte", async () => {
  await using dir = await tempDir();
  const text = `# Ours\n${
    CONFIG.replace("runner: runner-1", "runner:   'runner-1'   # the small one")
  }\n# End\n`;
  await dir.write("config.yaml", text);
  const ran = await runCommand(["config", "set", "runner", "big"], { cwd: dir.path, format: "json" });
  assert.equal(ran.json()["runner"], "big");
  assert.equal(await dir.read("config.yaml"), text.replace("'runner-1'", "big"));
  assert.deepEqual(await dir.list(), ["config.yaml"]);
});

for (
  const [key, value, code] of [
    ["runner", "Bad Name", "invalid_argument"],
    ["runner", "x\nkind: Dataset", "invalid_argument"],
    ["grad", "tcp:evil:1", "invalid_argument"],
    ["workspaceId", "ws-abcdefgh12345678", "invalid_argument"],
    ["colour", "red", "invalid_argument"],
  ] as const
) {
  Deno.test(`config set refuses ${JSON.stringify(value)} for ${key} and changes nothing`, async () => {
    await using dir = await tempWorkspace();
    const ran = await runCommand(["config", "set", key, value], { cwd: dir.path, format: "json" });
    assert.equal(ran.exit, 2);
    assert.equal(ran.json().error?.code, code);
    assert.equal(await dir.read("config.yaml"), CONFIG);
  });
}

Deno.test("config set corrects an invalid value, and names other faults of the file", async () => {
  await using dir = await tempDir();
  await dir.write("config.yaml", CONFIG.replace("runner-1", "Runner One"));
  assert.equal((await runCommand(["config", "set", "runner", "big"], { cwd: dir.path })).exit, 0);
  await dir.write("config.yaml", `${CONFIG}sesion: x\n`);
  const ran = await runCommand(["config", "set", "runner", "big"], { cwd: dir.path, format: "json" });
  assert.equal(ran.json().error?.code, "invalid_file");
  assert.equal(await dir.read("config.yaml"), `${CONFIG}sesion: x\n`);
});
