/** Sentences that a newcomer meets first. */
import assert from "node:assert/strict";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

scenario("a command that fails in a bash session says its exit status", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const args = ["--kernel", "bash", "--session", "shell"];
  const call = await backend.gractl(["execute-code", ...args, "--code", "false"], { cwd });
  assert.match(call.exits(1).stderr, /^error: exit status 1$/m);
});

scenario(
  "a file that is missing after os.chdir gets a hint that is right there",
  async ({ backend, workspace }) => {
    const cwd = await workspace();
    const code = "import os; os.chdir('outputs'); open('table.csv')";
    const { error } = await execute(backend, cwd, code, { exit: 1, args: ["--session", "moved"] });
    assert.match(error?.hint ?? "", /working directory, which is \/workspace unless the code has changed it/);
  },
);

scenario("a config.yaml that lost its first lines is told as faulty", async ({ backend }) => {
  const cwd = await backend.makeWorkspace();
  const file = `${cwd}/workspace/config.yaml`;
  const text = await Deno.readTextFile(file);
  await Deno.writeTextFile(file, text.replace("apiVersion: gractl/v1\nkind: Workspace\n", ""));
  const call = await backend.gractl(["execute-code", "--code", "1", "-o", "json"], { cwd });
  assert.equal(call.exits(2).error().code, "invalid_file");
  assert.match(call.error().message, /config\.yaml:\d+:\d+: .*apiVersion: gractl\/v1/);
  await Deno.writeTextFile(file, text);
});

scenario(
  "a runner whose processes were stopped says that it starts again, and that files are kept",
  async (world) => {
    const { backend } = world;
    const cwd = await world.workspace();
    await execute(backend, cwd, "open('kept.txt', 'w').write('kept')");
    for (
      const { pid } of backend.processes().filter(({ argv }) => argv.includes("grad_runner.init"))
    ) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch { /* it ended with another one */ }
    }
    const list = await backend.gractl(["runner", "list"], { cwd });
    assert.match(
      list.exits(0).stdout,
      /runner-1 +stopped .*stopped: starts again with the next run; files are kept/,
    );
    assert.equal((await execute(backend, cwd, "print(open('kept.txt').read())")).stdout, "kept\n");
  },
  { only: "local" },
);
