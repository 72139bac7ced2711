import assert from "node:assert/strict";
import { allowedCores, chooseCores, cpuShareArgv, wholeCores } from "./cpu_share.ts";

Deno.test("wholeCores() rounds up", () => {
  const cases = [[1, 1], [500, 1], [1000, 1], [1001, 2], [64_000, 64]];
  for (const [millis, cores] of cases) assert.equal(wholeCores(millis!), cores);
});

Deno.test("chooseCores() takes as many cores as the runner may use, and never more than there are", () => {
  const cores = [2, 3, 7, 9];
  for (const [cpuMillis, count] of [[500, 1], [1000, 1], [2500, 3], [4000, 4], [64_000, 4]] as const) {
    const chosen = chooseCores({ id: "rabc", cores, cpuMillis });
    assert.equal(new Set(chosen).size, count);
    assert.ok(chosen.every((core) => cores.includes(core)));
    assert.deepEqual(chosen, chooseCores({ id: "rabc", cores, cpuMillis }), "the same at each start");
  }
});

Deno.test("chooseCores() spreads runners over the cores", () => {
  const cores = [0, 1, 2, 3];
  const used = new Map<number, number>();
  for (let index = 0; index < 400; index++) {
    const [core] = chooseCores({ id: `r${index.toString(36)}x`, cores, cpuMillis: 1000 });
    used.set(core!, (used.get(core!) ?? 0) + 1);
  }
  for (const core of cores) assert.ok((used.get(core) ?? 0) > 50, `${core}: ${used.get(core)}`);
});

Deno.test("cpuShareArgv() lowers the priority and names the cores", () => {
  const argv = cpuShareArgv({ id: "r", cores: [0, 1], cpuMillis: 2000 });
  assert.deepEqual(argv, ["nice", "-n", "5", "taskset", "--cpu-list", "0,1"]);
});

Deno.test("allowedCores() reads the list of /proc", () => {
  const status = (list: string) =>
    `Name:\tdeno\nCpus_allowed:\tff\nCpus_allowed_list:\t${list}\nMems_allowed:\t1\n`;
  assert.deepEqual(allowedCores(status("0-2,5")), [0, 1, 2, 5]);
  assert.deepEqual(allowedCores(status("3")), [3]);
  assert.deepEqual(allowedCores("nothing"), [0]);
});
