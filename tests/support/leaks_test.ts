import assert from "node:assert/strict";
import { join } from "node:path";
import { checkNothingLeft } from "./leaks.ts";
import { isAlive, peakMemoryBytes, processesOf } from "./proc.ts";
import { eventually, start } from "./process.ts";
import { makeScratchHome } from "./scratch_home.ts";
import { findText } from "./secrets.ts";

Deno.test("checkNothingLeft() tells of processes and of children that hide, and ends them", async () => {
  const home = makeScratchHome();
  const env = { PATH: "/usr/bin:/bin" };
  // Named by its arguments only; its child has neither arguments, environment nor parent in common with the home.
  const argv = ["sh", "-c", `: ${home.dir}; sleep 60 & wait`];
  const running = start(argv, { env, cwd: "/" });
  const found = await eventually("both run", () => {
    const processes = processesOf(home.token);
    return processes.some((info) => info.argv === "sleep 60") ? processes : undefined;
  });
  assert.ok(found.some((info) => info.argv === "sleep 60"));
  assert.ok(peakMemoryBytes(running.pid) > 0);
  const leaks = await checkNothingLeft(home, () => found.filter(isAlive), 300);
  assert.equal(leaks.filter((leak) => leak.startsWith("process ")).length, found.length, leaks.join("\n"));
  await running.ended;
  assert.deepEqual(await checkNothingLeft(home, () => found.filter(isAlive), 300), []);
  Deno.removeSync(home.dir, { recursive: true });
});

Deno.test("checkNothingLeft() tells of files, but not of a destroyed runner's record", async () => {
  const home = makeScratchHome();
  Deno.mkdirSync(join(home.stateDir, "records"), { recursive: true });
  Deno.writeTextFileSync(join(home.stateDir, "records/r1.json"), "{}");
  Deno.mkdirSync(home.runtimeDir);
  assert.deepEqual(await checkNothingLeft(home, () => []), []);
  Deno.mkdirSync(join(home.stateDir, "runners/r1/volume"), { recursive: true });
  Deno.mkdirSync(join(home.runtimeDir, "r1"));
  Deno.writeTextFileSync(join(home.dir, "tmp/x"), "");
  const leaks = await checkNothingLeft(home, () => []);
  assert.deepEqual(leaks, [
    "runtime file: r1",
    "temporary file: x",
    "runner's file: r1",
    "runner's file: r1/volume",
  ]);
  Deno.removeSync(home.dir, { recursive: true });
});

Deno.test("findText() finds what lies across two parts of a large file", () => {
  const dir = Deno.makeTempDirSync();
  const file = join(dir, "a/b.bin");
  Deno.mkdirSync(join(dir, "a"));
  const bytes = new Uint8Array((4 << 20) + 100);
  bytes.set(new TextEncoder().encode("needle"), (4 << 20) - 3);
  Deno.writeFileSync(file, bytes);
  assert.equal(findText(dir, ["needle"]), file);
  assert.equal(findText(dir, ["needles"]), undefined);
  assert.equal(findText(join(dir, "absent"), ["x"]), undefined);
  Deno.removeSync(dir, { recursive: true });
});
