import assert from "node:assert/strict";
import { execute, executeCall } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

scenario("sessions have variables of their own, share files, and are listed", async (world) => {
  const cwd = await world.workspace();
  await execute(world.backend, cwd, "x = 1; open('outputs/shared.txt', 'w').write('hi')", {
    args: ["--session", "a"],
  });
  const other = "print('x' in globals(), open('outputs/shared.txt').read())";
  const got = await execute(world.backend, cwd, other, { args: ["--session", "b"] });
  assert.equal(got.stdout, "False hi\n");
  const list = (await world.backend.gractl(["session", "list", "-o", "json"], { cwd })).exits(0).json();
  assert.equal(list.kind, "SessionList");
  const names = list.items.map((session: { name: string }) => session.name);
  assert.deepEqual(names.filter((name: string) => ["a", "b"].includes(name)).sort(), ["a", "b"]);
  const a = list.items.find((session: { name: string }) => session.name === "a");
  assert.equal(a.state, "idle");
  assert.equal(a.kernel, "python3");
  assert.equal(a.generation, 1);
});

scenario("session reset begins afresh and says so", async (world) => {
  const cwd = await world.workspace();
  const args = ["--session", "again"];
  await execute(world.backend, cwd, "x = 1", { args });
  (await world.backend.gractl(["session", "reset", "again", "-o", "json"], { cwd })).exits(0);
  const got = await execute(world.backend, cwd, "print('x' in globals())", { args });
  assert.equal(got.stdout, "False\n");
  const session = (await world.backend.gractl(["session", "get", "again", "-o", "json"], { cwd })).exits(0)
    .json();
  assert.equal(session.kind, "Session");
  assert.equal(session.previousEnd, "reset");
  assert.equal(session.generation, 2);
});

scenario("session reset interrupts what runs and cancels what waits", async (world) => {
  const cwd = await world.workspace();
  const start = async (code: string) => {
    const call = await executeCall(world.backend, cwd, code, { args: ["--detach", "--session", "full"] });
    return call.exits(0).json().id;
  };
  const ids = [await start("import time; time.sleep(60)"), await start("print('never')")];
  (await world.backend.gractl(["session", "reset", "full", "-o", "json"], { cwd })).exits(0);
  for (const id of ids) {
    const call = await world.backend.gractl(["execution", "attach", id, "-o", "json"], { cwd });
    assert.equal(call.exits(130).json().status, "interrupted");
    assert.equal(call.json().stdout, "");
  }
});

scenario("an unknown session is refused, and reading commands make no runner", async (world) => {
  const cwd = await world.workspace();
  await execute(world.backend, cwd, "1");
  for (const verb of ["get", "reset"]) {
    const call = await world.backend.gractl(["session", verb, "nothing", "-o", "json"], { cwd });
    assert.equal(call.exits(2).error().code, "session_not_found", verb);
  }
  const empty = await world.backend.makeWorkspace();
  const list = await world.backend.gractl(["session", "list", "-o", "json"], { cwd: empty });
  assert.equal(list.exits(2).error().code, "runner_not_found");
  const runners = await world.backend.gractl(["runner", "list", "-o", "json"], { cwd: empty });
  assert.deepEqual(runners.exits(0).json().items, []);
});
