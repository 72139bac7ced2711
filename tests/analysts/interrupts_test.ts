/** Ctrl-C, deadlines, and what they cost: never variables without a word. */
import assert from "node:assert/strict";
import { execute, executeCall } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";
import { inTerminal } from "../support/terminal.ts";

const scenario = suite();

/** Native code that takes many seconds, as a large SVD does, and that no interrupt reaches before it returns. */
const NATIVE =
  "print('go', flush=True)\nimport hashlib; hashlib.pbkdf2_hmac('sha256', b'a', b'b', 40_000_000)";

scenario("Ctrl-C in native code keeps the session's variables", async ({ backend, workspace }) => {
  const cwd = await workspace();
  await execute(backend, cwd, "frame = [1, 2, 3]");
  const running = backend.start(["execute-code", "--code", NATIVE], { cwd });
  await running.saw(/go/);
  running.signal("SIGINT");
  await running.saw(/The code has not stopped yet: it is in native code/);
  const ended = await running.ended;
  assert.equal(ended.code, 130, ended.stderr);
  assert.match(ended.stderr, /KeyboardInterrupt/);
  assert.match(ended.stderr, /Session default keeps its variables/);
  assert.equal((await execute(backend, cwd, "print(frame)")).stdout, "[1, 2, 3]\n");
});

scenario(
  "a deadline that code takes no notice of says whose variables are gone",
  async ({ backend, workspace }) => {
    const cwd = await workspace();
    const deaf = "import time\nwhile True:\n    try: time.sleep(1)\n    except KeyboardInterrupt: pass";
    const args = ["--timeout", "1s", "--session", "late"];
    const call = (await executeCall(backend, cwd, deaf, { args })).exits(4);
    const { message } = call.json<{ error: { message: string } }>().error;
    const gone = "it did not react within 3 s. All variables of session late are gone";
    assert.equal(message, `Stopped by force at its deadline of 1 s: ${gone}`);
    const next = await execute(backend, cwd, "1", { args: ["--session", "late"] });
    assert.match(JSON.stringify(next), /the previous kernel was stopped by force at a deadline/);
  },
);

scenario("`execution interrupt --force` asks on a terminal, and no is no", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const wait = "import time\nwhile True:\n    try: time.sleep(1)\n    except KeyboardInterrupt: pass";
  const args = ["execute-code", "--detach", "--session", "asks", "--code", wait];
  const id = (await backend.gractl(args, { cwd })).exits(0).stdout.trim();
  const force = ["execution", "interrupt", id, "--force"];
  const asked = inTerminal(backend, force, cwd);
  await asked.saw(/kernel of session asks: all its variables are lost, files are kept\. Continue\? \[y\/N\]/);
  await asked.type("n\r");
  assert.equal((await asked.ended).code, 130);
  const still = await backend.gractl(["execution", "get", id, "-o", "json"], { cwd });
  assert.equal(still.exits(0).json().status, "running");
  (await backend.gractl([...force, "--yes"], { cwd })).exits(0);
});
