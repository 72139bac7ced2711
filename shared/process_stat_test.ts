import assert from "node:assert/strict";
import { childrenOf, isAlive, kill, parseStat, processId } from "./process_stat.ts";

const stat = (state: string, name = "python") =>
  `77 (${name}) ${state} 1 77 77 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 987654 1000 10`;

Deno.test("parseStat() counts fields from the last parenthesis of the name", () => {
  assert.deepEqual(parseStat(stat("S")), { parent: 1, startTicks: "987654" });
  assert.deepEqual(parseStat(stat("S", "a) R 1 (b")), { parent: 1, startTicks: "987654" });
});

for (
  const [name, text] of [["a zombie", stat("Z")], ["a dead process", stat("X")], ["no text", ""], [
    "a cut text",
    "77 (a) S 1",
  ]]
) {
  Deno.test(`parseStat() finds no process in ${name}`, () => assert.equal(parseStat(text!), undefined));
}

Deno.test("isAlive() reads through the function that it is given", async () => {
  const read = (pid: number) => Promise.resolve(pid === 77 ? stat("S") : "");
  assert.deepEqual(await processId(77, read), { pid: 77, startTicks: "987654" });
  assert.equal(await isAlive({ pid: 77, startTicks: "987654" }, read), true);
  assert.equal(await isAlive({ pid: 77, startTicks: "1" }, read), false);
  assert.equal(await isAlive({ pid: 78, startTicks: "987654" }, read), false);
});

Deno.test("kill() ends that process, and not one that has its pid since", async () => {
  const child = new Deno.Command("sleep", { args: ["30"] }).spawn();
  const id = (await processId(child.pid))!;
  await kill({ ...id, startTicks: "1" });
  assert.ok(await isAlive(id));
  await kill(id);
  assert.equal((await child.status).signal, "SIGKILL");
  assert.ok(!await isAlive(id));
  await kill(id);
});

Deno.test("kill() does nothing to a process that has the pid of another", async () => {
  const child = new Deno.Command("sh", { args: ["-c", "read line; exit 7"], stdin: "piped" }).spawn();
  await kill({ pid: child.pid, startTicks: "1" });
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("go on\n"));
  await writer.close();
  assert.equal((await child.status).code, 7);
});

Deno.test("childrenOf() names the children of a process, and none of one that has ended", async () => {
  const child = new Deno.Command("sleep", { args: ["30"] }).spawn();
  const own = (await processId(Deno.pid))!;
  assert.ok((await childrenOf(own)).some(({ pid }) => pid === child.pid));
  child.kill("SIGKILL");
  await child.status;
  assert.ok(!(await childrenOf(own)).some(({ pid }) => pid === child.pid));
  assert.deepEqual(await childrenOf({ pid: 2 ** 22 + 1, startTicks: "1" }), []);
});
