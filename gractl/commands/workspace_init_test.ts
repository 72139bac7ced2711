import assert from "node:assert/strict";
import { join } from "node:path";
import { tempDir } from "../workspace/testing/temp_dir.ts";
import { runCommand } from "./testing/run_command.ts";

Deno.test("workspace init creates ./workspace and suggests the next commands", async () => {
  await using dir = await tempDir();
  const ran = await runCommand(["workspace", "init"], { cwd: dir.path });
  assert.equal(ran.exit, 0, ran.stderr);
  assert.match(ran.stdout, /^Created a workspace in .*\/workspace\n.*dataset add/s);
});

Deno.test("workspace init prints the workspace as JSON, and with --if-missing also an existing one", async () => {
  await using dir = await tempDir();
  const first = (await runCommand(["workspace", "init", "here"], { cwd: dir.path, format: "json" })).json();
  const { id, ...fields } = first;
  assert.match(String(id), /^ws-[a-z]{16}$/);
  assert.deepEqual(fields, {
    apiVersion: "gractl/v1",
    kind: "Workspace",
    dir: join(dir.path, "here"),
    grad: "local",
    runner: "runner-1",
    session: "default",
    created: true,
  });
  const again = await runCommand(["workspace", "init", "here", "--if-missing"], {
    cwd: dir.path,
    format: "json",
  });
  assert.deepEqual(again.json(), { ...first, created: false });
  const refused = await runCommand(["workspace", "init", "here"], { cwd: dir.path, format: "json" });
  assert.equal(refused.exit, 2);
  assert.equal(refused.json().error?.code, "workspace_exists");
});
