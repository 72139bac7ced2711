import assert from "node:assert/strict";
import { join } from "node:path";
import { execute, executeCall } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();
scenario(
  "an exception fails with its class, message and traceback, and the session goes on",
  async (world) => {
    const cwd = await world.workspace();
    await execute(world.backend, cwd, "kept = 7\nprint('good')");
    const got = await execute(world.backend, cwd, "print('before')\n1 / 0", { exit: 1 });
    assert.equal(got.status, "failed");
    assert.equal(got.stdout, "before\n");
    assert.equal(got.error?.code, "code_raised");
    assert.equal(got.error?.name, "ZeroDivisionError");
    assert.equal(got.error?.message, "division by zero");
    assert.ok(!got.error?.traceback.join("").includes("\x1b["), "terminal colours");
    assert.equal((await execute(world.backend, cwd, "print(kept)")).stdout, "7\n");
  },
);

scenario("a syntax error fails with its place", async (world) => {
  const cwd = await world.workspace();
  const got = await execute(world.backend, cwd, "x = 1\nprint(x\n", { exit: 1 });
  assert.equal(got.error?.name, "SyntaxError");
  assert.match(got.error?.traceback.join("\n") ?? "", /line 2/);
});

scenario("as text, a failure's traceback goes to standard error", async (world) => {
  const cwd = await world.workspace();
  const call = await world.backend.gractl(["execute-code", "--code", "print('seen'); int('x')"], { cwd });
  assert.equal(call.exits(1).stdout, "seen\n");
  assert.match(call.stderr, /ValueError: invalid literal/);
});

scenario("sys.exit() and input() neither hang nor end the session", async (world) => {
  const cwd = await world.workspace();
  await execute(world.backend, cwd, "still = 1");
  const exit = await executeCall(world.backend, cwd, "import sys; sys.exit(3)");
  assert.ok([0, 1].includes(exit.code), `${exit}`);
  const input = await execute(world.backend, cwd, "input('name? ')", { exit: 1 });
  assert.match(input.error?.message ?? "", /stdin|input/i);
  assert.equal((await execute(world.backend, cwd, "print(still)")).stdout, "1\n");
});

scenario("empty code is refused", async (world) => {
  const cwd = await world.workspace();
  for (const code of ["", " \n"]) {
    const call = await world.backend.gractl(["execute-code", "-o", "json", "-"], { cwd, stdin: code });
    assert.equal(call.exits(2).error().code, "invalid_code", JSON.stringify(code));
  }
});

scenario("code of 4 MiB runs, more is refused", async (world) => {
  const cwd = await world.workspace();
  const fill = (bytes: number) => "print('big')\n#".padEnd(bytes, "x");
  await Deno.writeTextFile(join(cwd, "just.py"), fill(4 << 20));
  await Deno.writeTextFile(join(cwd, "over.py"), fill((4 << 20) + 1));
  const just = await world.backend.gractl(["execute-code", "-o", "json", "--file", "just.py"], { cwd });
  assert.equal(just.exits(0).json().stdout, "big\n");
  const over = await world.backend.gractl(["execute-code", "-o", "json", "--file", "over.py"], { cwd });
  assert.equal(over.exits(2).error().code, "invalid_code");
  assert.match(over.error().message, /4 MiB|4194304|4,194,304/);
});

scenario("NUL bytes and what is not UTF-8 are refused", async (world) => {
  const cwd = await world.workspace();
  for (const bytes of [[0x31, 0x00, 0x32], [0x31, 0xff, 0xfe]]) {
    const stdin = new Uint8Array(bytes);
    const call = await world.backend.gractl(["execute-code", "-o", "json", "-"], { cwd, stdin });
    assert.equal(call.exits(2).error().code, "invalid_code", bytes.join());
  }
});

scenario("a file of code that is not there is refused", async (world) => {
  const cwd = await world.workspace();
  const call = await world.backend.gractl(["execute-code", "-o", "json", "--file", "none.py"], { cwd });
  call.exits(2);
  assert.match(call.error().message, /none\.py/);
});

scenario("output that is not UTF-8 is replaced in JSON and whole as text", async (world) => {
  const cwd = await world.workspace();
  const code = "import os; os.write(1, b'a\\xff\\xfeb\\n'); print('h\\u00e9')";
  const got = await execute(world.backend, cwd, code);
  assert.match(got.stdout, /^a\ufffd+b\nhé\n$/);
  const text = await world.backend.gractl(["execute-code", "--code", `${code};`], { cwd });
  const bytes = text.exits(0).ended.stdoutBytes;
  assert.deepEqual([...bytes.subarray(0, 5)], [0x61, 0xff, 0xfe, 0x62, 0x0a]);
});

scenario("output that controls terminals stays data", async (world) => {
  const cwd = await world.workspace();
  const got = await execute(world.backend, cwd, "print('\\x1b[31mred\\x1b[0m \\x07 \\u2028')");
  assert.equal(got.stdout, "\x1b[31mred\x1b[0m \x07 \u2028\n");
});

scenario(
  "names of sessions and runners that are not allowed are refused with a suggestion",
  async (world) => {
    const cwd = await world.workspace();
    for (
      const [option, name] of [["--session", "My Session"], ["--runner", "../x"], [
        "--session",
        "a".repeat(41),
      ]]
    ) {
      const call = await executeCall(world.backend, cwd, "1", { args: [option!, name!] });
      assert.equal(call.exits(2).error().code, "invalid_name", `${option} ${name}`);
      assert.match(call.error().hint, /Use "/);
    }
  },
);

scenario("unknown commands, options and formats are usage errors, as documents too", async (world) => {
  for (
    const args of [["fly"], ["execute-code", "--nothing"], ["runner", "get"], ["version", "-o", "yaml"], [
      "execution",
      "attach",
      "x",
      "--from-seq",
      "zero",
    ]]
  ) {
    const text = await world.backend.gractl(args);
    assert.equal(text.exits(2).stdout, "");
    assert.match(text.stderr, /^error: /);
  }
  const json = await world.backend.gractl(["fly", "-o", "json"]);
  assert.equal(json.exits(2).json().kind, "Error");
  assert.equal(json.error().code, "usage");
});

scenario("outside of a workspace the error says how to make one", async (world) => {
  const call = await executeCall(world.backend, world.backend.dir, "1");
  assert.equal(call.exits(2).error().code, "workspace_not_found");
  assert.match(call.error().hint, /workspace init/);
});
