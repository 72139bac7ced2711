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
  const create = async () => (await world.backend.gractl(["runner", "create", "again"], { cwd })).exits(0);
  await create();
  await execute(world.backend, cwd, "x = 1; open('outputs/old.txt', 'w').write('old')", { args });
  (await world.backend.gractl(["runner", "destroy", "again"], { cwd })).exits(0);
  const ended = await executeCall(world.backend, cwd, "1", { args });
  assert.deepEqual([ended.exits(2).error().code, /runner create again/.test(ended.error().hint)], [
    "runner_not_found",
    true,
  ]);
  await create();
  const code = "import os; print(os.path.exists('outputs/old.txt'), 'x' in globals())";
  assert.equal((await execute(world.backend, cwd, code, { args })).stdout, "False False\n");
});

scenario("a runner that is busy is destroyed with --force only", async (world) => {
  const cwd = await world.workspace();
  const args = ["--runner", "busy", "--detach"];
  (await world.backend.gractl(["runner", "create", "busy"], { cwd })).exits(0);
  (await executeCall(world.backend, cwd, "import time; time.sleep(60)", { args })).exits(0);
  const refused = await world.backend.gractl(["runner", "destroy", "busy", "-o", "json"], { cwd });
  assert.equal(refused.exits(3).error().code, "runner_busy");
  (await world.backend.gractl(["runner", "destroy", "busy", "--force", "-o", "json"], { cwd })).exits(0);
  const got = await world.backend.gractl(["runner", "get", "busy", "-o", "json"], { cwd });
  assert.equal(got.exits(0).json().phase, "destroyed");
});

scenario("a misspelt runner is not made, and the nearest name is the hint", async (world) => {
  const cwd = await world.workspace();
  (await world.backend.gractl(["runner", "create", "large"], { cwd })).exits(0);
  await Deno.writeTextFile(`${cwd}/put.txt`, "x");
  for (
    const args of [
      ["execute-code", "--code", "1", "--runner", "lagre"],
      ["file", "put", "put.txt", "outputs/", "--runner", "lagre"],
      ["session", "list", "--runner", "lagre"],
    ]
  ) {
    const { code, hint } = (await world.backend.gractl([...args, "-o", "json"], { cwd })).exits(2).error();
    assert.deepEqual([code, /Did you mean "large"\?/.test(hint)], ["runner_not_found", true], args.join(" "));
  }
  const list = (await world.backend.gractl(["runner", "list", "-o", "json"], { cwd })).exits(0).json();
  assert.ok(!list.items.some(({ name }: { name: string }) => name === "lagre"));
});

scenario("runners of a deleted workspace are listed and ended from anywhere", async (world) => {
  const cwd = await world.backend.makeWorkspace();
  await execute(world.backend, cwd, "1");
  const made = (await world.backend.gractl(["runner", "list", "-o", "json"], { cwd })).exits(0).json();
  const { workspaceId } = made.items[0];
  const dir = await isFile(`${cwd}/config.yaml`) ? cwd : `${cwd}/workspace`;
  await Deno.rename(dir, `${dir}.away`);
  const list = await world.backend.gractl(["runner", "list", "--all-workspaces"]);
  const args = ["runner", "destroy", "runner-1", "--of", workspaceId, "-o", "json"];
  const ended = await world.backend.gractl(args);
  await Deno.rename(`${dir}.away`, dir); // what ends the tests looks for its runners
  assert.match(list.exits(0).stdout, new RegExp(`^${workspaceId} +deleted: `, "m"));
  assert.equal(ended.exits(0).json().phase, "destroyed");
}, { only: "local" });

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

function isFile(path: string): Promise<boolean> {
  return Deno.stat(path).then((stat) => stat.isFile, () => false);
}
