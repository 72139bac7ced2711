import assert from "node:assert/strict";
import { isAlive, kill, processId, startTicks } from "./process_stat.ts";

const stat = (state: string, name = "python") =>
  `77 (${name}) ${state} 1 77 77 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 987654 1000 10`;

Deno.test("startTicks() counts fields from the last bracket of the name", () => {
  assert.equal(startTicks(stat("S")), "987654");
  assert.equal(startTicks(stat("S", "a) R 1 (b")), "987654");
});

Deno.test("startTicks() takes a zombie for nobody", () => {
  assert.equal(startTicks(stat("Z")), undefined);
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
