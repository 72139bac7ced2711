import assert from "node:assert/strict";
import { execute, executeCall, touch, waitForFile } from "../support/execution_document.ts";
import { eventually } from "../support/process.ts";
import { inTerminal } from "../support/terminal.ts";
import { suite, type World } from "../support/suite.ts";

const scenario = suite();

/** Starts with "go" and then does not end for a minute. */
const SLEEP = "import time; print('go', flush=True); time.sleep(60)";

async function statusOf({ backend }: World, cwd: string, id: string): Promise<string> {
  return (await backend.gractl(["execution", "get", id, "-o", "json"], { cwd })).exits(0).json().status;
}

async function newestId({ backend }: World, cwd: string): Promise<string> {
  return (await backend.gractl(["execution", "list", "-o", "json"], { cwd })).exits(0).json().items[0].id;
}

scenario("Ctrl-C interrupts the code, and the session keeps its variables", async (world) => {
  const cwd = await world.workspace();
  await execute(world.backend, cwd, "kept = 5");
  const running = world.backend.start(["execute-code", "--code", SLEEP], { cwd });
  await running.saw(/go/);
  running.signal("SIGINT");
  const ended = await running.ended;
  assert.equal(ended.code, 130, ended.stderr);
  assert.equal(await statusOf(world, cwd, await newestId(world, cwd)), "interrupted");
  assert.equal((await execute(world.backend, cwd, "print(kept)")).stdout, "5\n");
});

scenario("Ctrl-C under -o json still gives the one document", async (world) => {
  const cwd = await world.workspace();
  const running = world.backend.start(["execute-code", "-o", "json", "--code", SLEEP], { cwd });
  await eventually("the code runs", async () => {
    const list = await world.backend.gractl(["session", "get", "default", "-o", "json"], { cwd });
    return list.json().state === "busy" ? true : undefined;
  });
  running.signal("SIGINT");
  const ended = await running.ended;
  assert.equal(ended.code, 130, ended.stderr);
  const document = JSON.parse(ended.stdout);
  assert.equal(document.status, "interrupted");
  assert.equal(document.error.code, "interrupted");
});

/** Says "go", then "ignored" for each interrupt, until the file `outputs/enough` is there. */
const DEAF = `
import os, time
print('go', flush=True)
while not os.path.exists('outputs/enough'):
    try: time.sleep(0.05)
    except KeyboardInterrupt: print('ignored', flush=True)
`;

scenario("a second Ctrl-C stops waiting, says how to attach, and the code runs on", async (world) => {
  const cwd = await world.workspace();
  const running = world.backend.start(["execute-code", "--code", DEAF, "--session", "deaf"], { cwd });
  await running.saw(/go/);
  running.signal("SIGINT");
  await running.saw(/ignored/);
  running.signal("SIGINT");
  const ended = await running.ended;
  assert.equal(ended.code, 130, ended.stderr);
  assert.match(ended.stderr, /Stopped waiting: the code of \S+ continues to run/);
  const id = /gractl execution attach ([-a-z0-9]+)/.exec(ended.stderr)?.[1];
  assert.ok(id, `does not say how to attach: ${ended.stderr}`);
  assert.equal(await statusOf(world, cwd, id), "running");
  await touch(world.backend, cwd, "outputs/enough");
  const attached = await world.backend.gractl(["execution", "attach", id, "-o", "json"], { cwd });
  assert.equal(attached.exits(130).json().status, "interrupted");
  await execute(world.backend, cwd, "os.remove('outputs/enough')", { args: ["--session", "deaf"] });
});

scenario(
  "an interrupt never kills: code that takes no notice goes on, and only --force ends it",
  async (world) => {
    const cwd = await world.workspace();
    const { backend } = world;
    await execute(backend, cwd, "kept = 5", { args: ["--session", "stubborn"] });
    const running = backend.start(["execute-code", "--code", DEAF, "--session", "stubborn"], { cwd });
    await running.saw(/go/);
    running.signal("SIGINT");
    await running.saw(/The code has not stopped yet/);
    await running.saw(/all variables of session stubborn: .gractl execution interrupt \S+ --force/);
    const id = await newestId(world, cwd);
    assert.equal(await statusOf(world, cwd, id), "running");
    const again = (await backend.gractl(["execution", "interrupt", id], { cwd })).exits(0);
    assert.match(again.stdout, /has not stopped yet/);
    const forced = (await backend.gractl(["execution", "interrupt", id, "--force"], { cwd })).exits(0);
    assert.match(
      forced.stderr,
      /ends the kernel of session stubborn: all its variables are lost, files are kept/,
    );
    assert.match(forced.stdout, /has ended \(interrupted\): Stopped by force/);
    const ended = await running.ended;
    assert.equal(ended.code, 130, ended.stderr);
    assert.match(ended.stderr, /Stopped by force. All variables of session stubborn are gone/);
    const next = await execute(backend, cwd, "print('kept' in globals())", {
      args: ["--session", "stubborn"],
    });
    assert.equal(next.stdout, "False\n");
  },
);

scenario("a long DuckDB query is interrupted, and its session goes on", async (world) => {
  const cwd = await world.workspace();
  // A thread says when the query is at work: when all threads have used more CPU time than what comes before it takes.
  const query = `
import duckdb, threading, time
def watch(until):
    while time.process_time() < until: time.sleep(0.01)
    print('go', flush=True)
threading.Thread(target=watch, args=(time.process_time() + 0.5,)).start()
` +
    "duckdb.sql('select count(*) from range(3000000) a, range(3000000) b where a.range + b.range = 7').fetchall()";
  await execute(world.backend, cwd, "before = 1", { args: ["--session", "duck"] });
  const running = world.backend.start(["execute-code", "--code", query, "--session", "duck"], { cwd });
  await running.saw(/go/);
  running.signal("SIGINT");
  assert.equal((await running.ended).code, 130);
  const next = await execute(world.backend, cwd, "print(before)", { args: ["--session", "duck"] });
  assert.equal(next.stdout, "1\n");
});

scenario("execution interrupt ends what another call started", async (world) => {
  const cwd = await world.workspace();
  const detached = await executeCall(world.backend, cwd, SLEEP, { args: ["--detach", "--session", "far"] });
  const { id } = detached.exits(0).json();
  (await world.backend.gractl(["execution", "interrupt", id, "-o", "json"], { cwd })).exits(0);
  const attached = await world.backend.gractl(["execution", "attach", id, "-o", "json"], { cwd });
  assert.equal(attached.exits(130).json().status, "interrupted");
  // No effect on what has finished.
  (await world.backend.gractl(["execution", "interrupt", id, "-o", "json"], { cwd })).exits(0);
});

scenario("killing gractl leaves the code running", async (world) => {
  const cwd = await world.workspace();
  const code = `print('go', flush=True)\n${waitForFile("outputs/gractl-ended")}print('done')`;
  const running = world.backend.start(["execute-code", "--code", code, "--session", "left"], { cwd });
  await running.saw(/go/);
  running.signal("SIGKILL");
  await running.ended;
  await touch(world.backend, cwd, "outputs/gractl-ended");
  const id = await newestId(world, cwd);
  const attached = await world.backend.gractl(["execution", "attach", id, "-o", "json"], { cwd });
  assert.equal(attached.exits(0).json().stdout, "go\ndone\n");
});

scenario("Ctrl-C on a terminal ends the code, but not the grad that the same call started", async (world) => {
  const cwd = await world.workspace();
  (await world.backend.gractl(["grad", "stop"])).exits(0);
  const terminal = inTerminal(world.backend, ["execute-code", "--session", "tty", "--code", SLEEP], cwd);
  await terminal.saw(/go/);
  await terminal.type("\x03");
  const ended = await terminal.ended;
  assert.equal(ended.code, 130, ended.stdout);
  assert.ok(world.backend.grad() !== undefined, "grad went with the terminal's Ctrl-C");
}, { only: "local" });
