import assert from "node:assert/strict";
import { execute, executeCall } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

scenario("a runner is made, listed, found and destroyed; its tombstone stays", async (world) => {
  const cwd = await world.workspace();
  const gractl = (...args: string[]) => world.backend.gractl(["runner", ...args, "-o", "json"], { cwd });
  const made = (await gractl("create", "mine")).exits(0).json();
  assert.equal(made.kind, "Runner");
  assert.match(made.id, /^r[a-z2-7]{12}$/);
  assert.equal(made.name, "mine");
  assert.equal(made.phase, "ready");
  assert.equal((await gractl("create", "mine")).exits(0).json().id, made.id);

  const list = (await gractl("list")).exits(0).json();
  assert.equal(list.kind, "RunnerList");
  assert.deepEqual(list.items.map((runner: { name: string }) => runner.name), ["mine"]);
  await execute(world.backend, cwd, "open('outputs/x.txt', 'w').write('x')", { args: ["--runner", "mine"] });

  const ended = (await gractl("destroy", "mine")).exits(0).json();
  assert.equal(ended.phase, "destroyed");
  (await gractl("destroy", "mine")).exits(0);
  const after = (await gractl("get", "mine")).exits(0).json();
  assert.equal(after.phase, "destroyed");
  assert.equal(after.tombstone.reason, "destroyed");
  assert.match(after.tombstone.endedAt, /Z$/);
  assert.ok(after.tombstone.endedBy);
  assert.deepEqual((await gractl("list")).exits(0).json().items, []);
});

scenario("a destroyed runner's name is free again, its files and variables are gone", async (world) => {
  const cwd = await world.workspace();
  const args = ["--runner", "again"];
  await execute(world.backend, cwd, "x = 1; open('outputs/old.txt', 'w').write('old')", { args });
  (await world.backend.gractl(["runner", "destroy", "again"], { cwd })).exits(0);
  const code = "import os; print(os.path.exists('outputs/old.txt'), 'x' in globals())";
  assert.equal((await execute(world.backend, cwd, code, { args })).stdout, "False False\n");
});

scenario("a runner that is busy is destroyed with --force only", async (world) => {
  const cwd = await world.workspace();
  const args = ["--runner", "busy", "--detach"];
  (await executeCall(world.backend, cwd, "import time; time.sleep(60)", { args })).exits(0);
  const refused = await world.backend.gractl(["runner", "destroy", "busy", "-o", "json"], { cwd });
  assert.equal(refused.exits(3).error().code, "runner_busy");
  (await world.backend.gractl(["runner", "destroy", "busy", "--force", "-o", "json"], { cwd })).exits(0);
  const got = await world.backend.gractl(["runner", "get", "busy", "-o", "json"], { cwd });
  assert.equal(got.exits(0).json().phase, "destroyed");
});

scenario("unknown runners are refused by every command that reads", async (world) => {
  const cwd = await world.workspace();
  const unknown = [
    ["runner", "get", "nothing"],
    ["runner", "destroy", "nothing"],
    ["session", "list", "--runner", "nothing"],
    ["execution", "list", "--runner", "nothing"],
    ["file", "list", "--runner", "nothing"],
  ];
  for (const args of unknown) {
    const call = await world.backend.gractl([...args, "-o", "json"], { cwd });
    assert.equal(call.exits(2).error().code, "runner_not_found", args.join(" "));
  }
});

scenario("a runner that exists with another specification is not changed", async (world) => {
  const cwd = await world.workspace();
  const create = (memory: string) =>
    world.backend.gractl(["runner", "create", "sized", "--memory", memory, "-o", "json"], { cwd });
  const made = (await create("1GiB")).exits(0).json();
  assert.equal(made.spec.resources.memoryMib, 1024);
  assert.equal((await create("2GiB")).exits(2).error().code, "runner_exists");
  (await create("1GiB")).exits(0);
  (await world.backend.gractl(["runner", "destroy", "sized"], { cwd })).exits(0);
});

scenario("bad names, environments and sizes are refused before anything is made", async (world) => {
  const cwd = await world.workspace();
  const cases: [string[], string][] = [
    [["create", "Bad Name"], "invalid_name"],
    [["create", "-x"], "usage"],
    [["create", "fine", "--environment", "moon"], "environment_not_found"],
  ];
  for (const [args, code] of cases) {
    const call = await world.backend.gractl(["runner", ...args, "-o", "json"], { cwd });
    assert.equal(call.exits(2).error().code, code, args.join(" "));
  }
  (await world.backend.gractl(["runner", "create", "fine", "--memory", "lots", "-o", "json"], { cwd })).exits(
    2,
  );
  const get = await world.backend.gractl(["runner", "get", "fine", "-o", "json"], { cwd });
  assert.equal(get.exits(2).error().code, "runner_not_found");
});
