import assert from "node:assert/strict";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

scenario("a paused runner keeps its files, and the next execution resumes it and says so", async (world) => {
  const cwd = await world.workspace();
  const args = ["--runner", "rests"];
  const gractl = (command: string, ...more: string[]) =>
    world.backend.gractl(["runner", command, "rests", ...more, "-o", "json"], { cwd });
  // What code leaves beside its sockets is gone with the runner's components, also where it denies itself the rights.
  const leave = "import os; os.makedirs('/run/grad/left/in'); os.chmod('/run/grad/left', 0)";
  const keep = "x = 1; open('outputs/kept.txt', 'w').write('kept')";
  (await gractl("create")).exits(0);
  await execute(world.backend, cwd, `${keep}\n${leave}`, { args });

  // Its variables cannot be kept, so that a pause needs --force, and names them.
  const refused = (await gractl("pause")).exits(3).error();
  assert.equal(refused.code, "variables_at_risk");
  assert.match(refused.message, /"default"/);
  const paused = (await gractl("pause", "--force")).exits(0).json();
  assert.deepEqual([paused.phase, paused.lostSessions], ["paused", ["default"]]);
  assert.equal((await gractl("pause")).exits(0).json().phase, "paused");

  // Commands that only read do not wake it.
  (await gractl("get")).exits(0);
  const list = await world.backend.gractl(["session", "list", ...args, "-o", "json"], { cwd });
  assert.equal(list.exits(3).error().code, "runner_unavailable");
  assert.match(list.error().message, /paused/);
  assert.equal((await gractl("get")).exits(0).json().phase, "paused");

  const code =
    "import os; print(open('outputs/kept.txt').read(), 'x' in globals(), os.path.exists('/run/grad/left'))";
  const call = await world.backend.gractl(["execute-code", "--code", code, ...args], { cwd });
  assert.equal(call.exits(0).stdout, "kept False False\n");
  assert.match(call.stderr, /rests was paused; it is resumed/);
});

scenario(
  "a runner without variables is paused and resumed by hand, and its logs can be read",
  async (world) => {
    const cwd = await world.workspace();
    const gractl = (command: string, ...more: string[]) =>
      world.backend.gractl(["runner", command, "idle", ...more, "-o", "json"], { cwd });
    const made = (await gractl("create")).exits(0).json();
    const { logs } = (await gractl("logs", "--component", "agent", "--lines", "3")).exits(0).json();
    assert.deepEqual(logs.map(({ component }: { component: string }) => component), ["agent"]);
    assert.notEqual(logs[0].text, "");
    (await gractl("pause")).exits(0);
    const resumed = (await gractl("resume")).exits(0).json();
    assert.deepEqual([resumed.phase, resumed.resumed, resumed.id], ["ready", true, made.id]);
    assert.equal((await gractl("resume")).exits(0).json().resumed, false);
    (await gractl("destroy")).exits(0);
    assert.equal((await gractl("resume")).exits(2).error().code, "runner_not_found");
    assert.equal((await gractl("pause")).exits(2).error().code, "runner_not_found");
  },
);
