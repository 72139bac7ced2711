import assert from "node:assert/strict";
import { run, start } from "./process.ts";

const options = { env: { PATH: "/usr/bin:/bin" }, cwd: "/" };

Deno.test("run() gives exit code, streams and standard input", async () => {
  const ended = await run(["sh", "-c", "cat; echo err >&2; exit 3"], { ...options, stdin: "in" });
  assert.deepEqual([ended.code, ended.signal, ended.stdout, ended.stderr], [3, null, "in", "err\n"]);
});

Deno.test("run() keeps at most maxBytes and counts the rest", async () => {
  const ended = await run(["head", "-c", "300000", "/dev/zero"], { ...options, maxBytes: 1_000 });
  assert.equal(ended.stdoutBytes.length, 1_000);
  assert.equal(ended.stdoutTotal, 300_000);
});

Deno.test("start() ends what is late, and fails", async () => {
  const running = start(["sleep", "60"], { ...options, deadlineMs: 200 });
  await assert.rejects(running.ended, /longer than 200 ms/);
});

Deno.test("saw() waits for output, and fails when the program ends without", async () => {
  const running = start(["sh", "-c", "echo one; sleep 0.2; echo two >&2"], options);
  await running.saw(/two/);
  await assert.rejects(running.saw(/three/), /ended without/);
  assert.equal((await running.ended).stdout, "one\n");
});
