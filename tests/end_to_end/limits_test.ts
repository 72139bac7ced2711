import assert from "node:assert/strict";
import { appendLine, execute, executeCall, executionDocument } from "../support/execution_document.ts";
import { peakMemoryBytes, treeOf } from "../support/proc.ts";
import { pause } from "../support/process.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

scenario("an endless loop ends at its deadline, and the session keeps its variables", async (world) => {
  const cwd = await world.workspace();
  await execute(world.backend, cwd, "kept = 1", { args: ["--timeout", "30s"] });
  const got = await execute(world.backend, cwd, "while True: pass", { args: ["--timeout", "1s"], exit: 4 });
  assert.equal(got.status, "deadline_exceeded");
  assert.equal(got.error?.code, "deadline_exceeded");
  assert.ok(
    got.durationMs !== null && got.durationMs >= 900 && got.durationMs < 10_000,
    `${got.durationMs} ms`,
  );
  assert.equal((await execute(world.backend, cwd, "print(kept)")).stdout, "1\n");
});

scenario("a kernel that kills itself is told, and the session begins afresh", async (world) => {
  const cwd = await world.workspace();
  const args = ["--session", "suicide"];
  await execute(world.backend, cwd, "x = 1", { args });
  const code = "print('last words', flush=True); import os, signal; os.kill(os.getpid(), signal.SIGKILL)";
  const got = await execute(world.backend, cwd, code, { args, exit: 5 });
  assert.equal(got.status, "crashed");
  assert.equal(got.error?.code, "kernel_crashed");
  assert.equal(got.stdout, "last words\n");
  const next = await execute(world.backend, cwd, "print('x' in globals())", { args });
  assert.equal(next.stdout, "False\n");
  const session = (await world.backend.gractl(["session", "get", "suicide", "-o", "json"], { cwd })).exits(0)
    .json();
  assert.equal(session.generation, 2);
  assert.equal(session.previousEnd, "crashed");
});

scenario("memory over the runner's limit ends the kernel, not the runner", async (world) => {
  const cwd = await world.workspace();
  const create = ["runner", "create", "small", "--memory", "1GiB", "-o", "json"];
  (await world.backend.gractl(create, { cwd })).exits(0);
  const args = ["--runner", "small"];
  const fill = (mib: number) => `b = b'x' * (${mib} << 20); print(len(b) >> 20)`;
  assert.equal((await execute(world.backend, cwd, fill(100), { args })).stdout, "100\n");
  const other = ["--runner", "small", "--session", "other"];
  await execute(world.backend, cwd, "safe = 1", { args: other });
  const got = await execute(world.backend, cwd, `l = []\nwhile True: l.append(b'x' * (32 << 20))`, {
    args,
    exit: 5,
  });
  assert.equal(got.status, "out_of_memory");
  assert.equal(got.error?.code, "out_of_memory");
  assert.ok(got.error?.hint.includes("--memory"), got.error?.hint);
  assert.equal((await execute(world.backend, cwd, "print('b' in globals())", { args })).stdout, "False\n");
  const session = ["session", "get", "default", "--runner", "small", "-o", "json"];
  assert.equal((await world.backend.gractl(session, { cwd })).exits(0).json().previousEnd, "out_of_memory");
  assert.equal((await execute(world.backend, cwd, "print(safe)", { args: other })).stdout, "1\n");
  (await world.backend.gractl(["runner", "destroy", "small"], { cwd })).exits(0);
});

scenario("two calls at once on one session run in order, on two sessions side by side", async (world) => {
  const cwd = await world.workspace();
  const waitFor = (file: string) =>
    `import os, time\nwhile not os.path.exists("outputs/${file}"): time.sleep(0.02)\n`;
  const code = (name: string, work: string) =>
    appendLine("outputs/order.txt", `${name} begins`) + work +
    appendLine("outputs/order.txt", `${name} ends`);
  const start = (name: string, work = "") =>
    world.backend.start(["execute-code", "-o", "ndjson", "--code", code(name, work)], { cwd });
  const first = start("a", waitFor("go"));
  await first.saw(/started/);
  const second = start("b");
  await second.saw(/"ahead":1/);
  await execute(world.backend, cwd, "open('outputs/go', 'w').close()", { args: ["--session", "other"] });
  for (const call of [first, second]) assert.equal((await call.ended).code, 0);
  const order = await execute(world.backend, cwd, "print(open('outputs/order.txt').read(), end='')");
  assert.equal(order.stdout, "a begins\na ends\nb begins\nb ends\n");

  const meet = (mine: string, theirs: string) => `
import os, time
open("outputs/${mine}.here", "w").close()
for _ in range(1200):
    if os.path.exists("outputs/${theirs}.here"): print("met"); break
    time.sleep(0.05)
`;
  const pair = await Promise.all([
    execute(world.backend, cwd, meet("p", "q"), { args: ["--session", "p"] }),
    execute(world.backend, cwd, meet("q", "p"), { args: ["--session", "q"] }),
  ]);
  assert.deepEqual(pair.map((got) => got.stdout), ["met\n", "met\n"]);
});

scenario("1 GB of output stays bounded in memory and answer, and is whole in a file", async (world) => {
  const cwd = await world.workspace();
  const print = (kib: number) => `
import os
b = (b'x' * 1023 + b'\\n') * 64
for _ in range(${kib} // 64): os.write(1, b)
`;
  (await world.backend.gractl(["runner", "create", "loud", "--storage", "4GiB"], { cwd })).exits(0);
  const runner = ["--runner", "loud"];
  const small = await execute(world.backend, cwd, print(128), { args: runner });
  assert.equal(small.truncated.stdout, false);
  assert.equal(small.stdout.length, 128 << 10);

  const args = ["execute-code", "-o", "json", ...runner, "--code", print(1 << 20)];
  const running = world.backend.start(args, { cwd, deadlineMs: 180_000 });
  const peaks: Record<string, number> & { gractl: number } = { gractl: 0, agent: 0 };
  let over = false;
  const watch = (async () => {
    while (!over) {
      for (const { pid } of treeOf(running.pid)) peaks.gractl = Math.max(peaks.gractl, peakMemoryBytes(pid));
      await pause(100);
    }
  })();
  const ended = await running.ended;
  over = true;
  await watch;
  assert.equal(ended.code, 0, ended.stderr);
  // A replica of a cluster's grad, which nobody looks into, has a limit.
  if (world.backend.name === "local") peaks.grad = peakMemoryBytes(world.backend.grad()?.pid ?? 0);
  peaks.agent = (await world.backend.component(cwd, "agent", "loud"))?.peakMemoryBytes ?? 0;
  for (const [name, bytes] of Object.entries(peaks)) {
    assert.ok(bytes > 1 << 20, `${name} was not measured`);
    assert.ok(bytes < 600 * (1 << 20), `${name} used ${bytes >> 20} MiB`);
  }
  assert.ok(ended.stdoutTotal < 64 << 20, `an answer of ${ended.stdoutTotal} bytes`);
  const got = JSON.parse(ended.stdout);
  assert.equal(got.truncated.stdout, true);
  const whole = got.artifacts.find((each: { path: string }) => each.path === `outputs/${got.id}/stdout.txt`);
  assert.equal(whole?.bytes, 1 << 30, JSON.stringify(got.artifacts));
  (await world.backend.gractl(["runner", "destroy", "loud"], { cwd })).exits(0);
}, { deadlineMs: 240_000 });

scenario("thousands of results are bounded, and told", async (world) => {
  const cwd = await world.workspace();
  const code = "from IPython.display import display\nfor i in range(1500): display(i)";
  const got = await execute(world.backend, cwd, code, { args: ["--session", "many"] });
  assert.equal(got.truncated.results, true);
  assert.ok(got.results.length > 0 && got.results.length <= 1_000, `${got.results.length}`);
});

scenario("a wide frame is bounded, and the session goes on", async (world) => {
  const cwd = await world.workspace();
  const code = "import pandas as pd; pd.DataFrame({'a': range(1_000_000)})";
  const got = await execute(world.backend, cwd, code, { args: ["--session", "wide"] });
  assert.match(String(got.results[0]?.mime["text/plain"]), /1000000 rows/);
});

scenario("an execution's document is the same when it is attached to later", async (world) => {
  const cwd = await world.workspace();
  const first = await execute(world.backend, cwd, "print('same'); [1]");
  const call = await world.backend.gractl(["execution", "attach", first.id, "-o", "json"], { cwd });
  assert.deepEqual(executionDocument(call.exits(0)), first);
});

scenario("a negative or senseless timeout is refused", async (world) => {
  const cwd = await world.workspace();
  for (const timeout of ["-1", "soon"]) {
    const call = await executeCall(world.backend, cwd, "1", { args: [`--timeout=${timeout}`] });
    assert.ok(["usage", "invalid_argument"].includes(call.exits(2).error().code), timeout);
  }
});
