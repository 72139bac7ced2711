import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  appendLine,
  execute,
  executeCall,
  executionDocument,
  touch,
  waitForFile,
} from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();
scenario("execute-code -o json has every documented field", async (world) => {
  const cwd = await world.workspace();
  const code = `
import sys
print("out"); print("err", file=sys.stderr)
open("outputs/made.txt", "w").write("made")
{"a": 1}
`;
  const got = await execute(world.backend, cwd, code);
  assert.equal(got.status, "succeeded");
  assert.equal(got.runner, "runner-1");
  assert.equal(got.session, "default");
  assert.equal(got.stdout, "out\n");
  assert.equal(got.stderr, "err\n");
  assert.equal(got.results[0]?.mime["text/plain"], "{'a': 1}");
  assert.deepEqual(got.truncated, { stdout: false, stderr: false, results: false });
  assert.ok(got.usage.peakMemoryBytes > 1 << 20);
  const made = got.artifacts.find((artifact) => artifact.path === "outputs/made.txt");
  assert.equal(made?.bytes, 4);
  assert.equal(made?.sha256, createHash("sha256").update("made").digest("hex"));
  assert.equal(made?.mediaType, "text/plain");
  assert.equal(await Deno.readTextFile(made?.localPath ?? ""), "made");
  assert.ok(Date.parse(got.finishedAt ?? "") >= Date.parse(got.startedAt ?? ""));
});

scenario("code comes from --code, --file or standard input", async (world) => {
  const cwd = await world.workspace();
  await Deno.writeTextFile(join(cwd, "job.py"), "print('from a file')\n");
  const file = await world.backend.gractl(["execute-code", "--file", "job.py"], { cwd });
  assert.equal(file.exits(0).stdout, "from a file\n");
  const stdin = await world.backend.gractl(["execute-code", "-"], { cwd, stdin: "print('from stdin')" });
  assert.equal(stdin.exits(0).stdout, "from stdin\n");
  const text = await world.backend.gractl(["execute-code", "--code", "print('from text')"], { cwd });
  assert.equal(text.exits(0).stdout, "from text\n");
});

scenario("two sources of code, or none, are a usage error", async (world) => {
  const cwd = await world.workspace();
  const both = await executeCall(world.backend, cwd, "1", { args: ["--file", "job.py"] });
  assert.equal(both.exits(2).error().code, "usage");
  const none = await world.backend.gractl(["execute-code", "-o", "json"], { cwd });
  assert.equal(none.exits(2).error().code, "usage");
});

scenario(
  "parameters are variables: JSON values, else strings, from options and from a file",
  async (world) => {
    const cwd = await world.workspace();
    await Deno.writeTextFile(join(cwd, "params.json"), JSON.stringify({ b: [1, { c: null }], d: "file" }));
    const params = [
      "--params-file",
      "params.json",
      "--param",
      "n=3",
      "--param",
      "s=plain",
      "--param",
      "d=option",
    ];
    const got = await execute(world.backend, cwd, "print(repr((n, s, b, d)))", { args: params });
    assert.equal(got.stdout, "(3, 'plain', [1, {'c': None}], 'option')\n");
    const odd = await executeCall(world.backend, cwd, "1", { args: ["--param", "not a name=1"] });
    assert.ok(["usage", "invalid_argument"].includes(odd.exits(2).error().code), `${odd}`);
  },
);

scenario("a malformed file of parameters is refused with its place", async (world) => {
  const cwd = await world.workspace();
  await Deno.writeTextFile(join(cwd, "bad.json"), '{"a": 1,\n "b": [}');
  const call = await executeCall(world.backend, cwd, "1", { args: ["--params-file", "bad.json"] });
  assert.equal(call.exits(2).error().code, "invalid_file");
  assert.match(call.error().message, /bad\.json/);
});

scenario("as text, output streams while the code runs, to the right stream", async (world) => {
  const cwd = await world.workspace();
  const code = "import sys\nprint('first')\nprint('warn', file=sys.stderr)\n" +
    waitForFile("outputs/first-seen") + "print('last')";
  const running = world.backend.start(["execute-code", "--code", code], { cwd });
  await running.saw(/first/);
  await touch(world.backend, cwd, "outputs/first-seen"); // only now can the code end
  const ended = await running.ended;
  assert.equal(ended.stdout, "first\nlast\n");
  assert.match(ended.stderr, /^warn$/m);
});

scenario("-o ndjson is one Event for each line, numbered from 1, the last one finished", async (world) => {
  const cwd = await world.workspace();
  const call = await world.backend.gractl(["execute-code", "-o", "ndjson", "--code", "print('x'); 2"], {
    cwd,
  });
  const events = call.exits(0).ndjson();
  assert.deepEqual(events.map((event) => event.kind), events.map(() => "Event"));
  assert.deepEqual(events.map((event) => Number(event.seq)), events.map((_, at) => at + 1));
  assert.match(call.ended.stdout.trimEnd().split("\n").at(-1) ?? "", /finished/);
});

scenario("--detach answers at once; attach gives everything, --from-seq the rest", async (world) => {
  const cwd = await world.workspace();
  const code = `${waitForFile("outputs/detached")}for i in range(4): print('line', i); time.sleep(0.1)`;
  const detached = await executeCall(world.backend, cwd, code, { args: ["--detach"] });
  const { id, status } = detached.exits(0).json();
  assert.ok(["queued", "running"].includes(status), `${detached}`);
  await touch(world.backend, cwd, "outputs/detached");
  const attached = await world.backend.gractl(["execution", "attach", id, "-o", "json"], { cwd });
  assert.equal(executionDocument(attached.exits(0)).stdout, "line 0\nline 1\nline 2\nline 3\n");

  const all = await world.backend.gractl(["execution", "attach", id, "-o", "ndjson"], { cwd });
  const events = all.exits(0).ndjson();
  const from = await world.backend.gractl(["execution", "attach", id, "--from-seq", "3", "-o", "ndjson"], {
    cwd,
  });
  assert.deepEqual(from.exits(0).ndjson(), events.slice(2));
});

scenario("execution get and list tell of executions, the newest first", async (world) => {
  const cwd = await world.workspace();
  const one = await execute(world.backend, cwd, "print(1)", { args: ["--session", "listed"] });
  const two = await execute(world.backend, cwd, "raise ValueError(2)", {
    args: ["--session", "listed"],
    exit: 1,
  });
  const list = await world.backend.gractl(["execution", "list", "--session", "listed", "-o", "json"], {
    cwd,
  });
  const items: { id: string; status: string }[] = list.exits(0).json().items;
  assert.deepEqual(items.map(({ id, status }) => [id, status]), [[two.id, "failed"], [one.id, "succeeded"]]);
  const get = await world.backend.gractl(["execution", "get", one.id, "-o", "json"], { cwd });
  assert.equal(get.exits(0).json().status, "succeeded");
  const none = await world.backend.gractl(
    ["execution", "get", one.id.replace(/.$/, (c) => c === "0" ? "1" : "0"), "-o", "json"],
    { cwd },
  );
  assert.equal(none.exits(2).error().code, "execution_not_found");
});

scenario("a repeated idempotency key gives the same execution, and the code runs once", async (world) => {
  const cwd = await world.workspace();
  const key = crypto.randomUUID();
  const code = `${appendLine("outputs/once.txt", "ran")} print('once')`;
  const first = await execute(world.backend, cwd, code, { args: ["--idempotency-key", key] });
  const second = await execute(world.backend, cwd, code, { args: ["--idempotency-key", key] });
  assert.equal(second.id, first.id);
  assert.equal(second.stdout, "once\n");
  const count = await execute(world.backend, cwd, "print(open('outputs/once.txt').read().count('ran'))");
  assert.equal(count.stdout, "1\n");
  const other = await executeCall(world.backend, cwd, "print('other')", { args: ["--idempotency-key", key] });
  assert.equal(other.exits(2).error().code, "idempotency_conflict");
});

scenario("code is kept under code/ and line numbers of tracebacks are the code's own", async (world) => {
  const cwd = await world.workspace();
  const got = await execute(world.backend, cwd, "a = 1\nb = 2\nraise RuntimeError(x)", {
    args: ["--param", "x=5"],
    exit: 1,
  });
  assert.match(got.error?.traceback.join("\n") ?? "", /line 3|3 raise|-> 3/);
  const list = await world.backend.gractl(["file", "list", "code", "-o", "json"], { cwd });
  const paths = list.exits(0).json().items.map((item: { path: string }) => item.path);
  assert.ok(paths.includes(`code/${got.id}.py`), paths.join());
});

scenario("bash runs as a kernel of its own session and keeps variables", async (world) => {
  const cwd = await world.workspace();
  const args = ["--kernel", "bash", "--session", "shell"];
  const first = await execute(world.backend, cwd, "x=41; echo $((x + 1)); pwd", { args });
  assert.equal(first.stdout, "42\n/workspace\n");
  const second = await execute(world.backend, cwd, "echo x is $x, p is $p", {
    args: [...args, "--param", "p=a b"],
  });
  assert.equal(second.stdout, "x is 41, p is a b\n");
  const conflict = await executeCall(world.backend, cwd, "1", {
    args: ["--kernel", "python3", "--session", "shell"],
  });
  assert.equal(conflict.exits(2).error().code, "kernel_conflict");
  const unknown = await executeCall(world.backend, cwd, "1", {
    args: ["--kernel", "fortran", "--session", "f"],
  });
  assert.equal(unknown.exits(2).error().code, "kernel_not_found");
  assert.match(unknown.error().hint, /python3/);
});
