/**
 * Attack: code of a runner with one core takes all cores of the machine: by many processes, and by asking the system for more cores.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { inBareSandbox } from "../support/bare_sandbox.ts";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

/** Prints, as JSON, the outcome of asking for every core, then the cores and the priority that a child has. */
const ASK_FOR_MORE = `
import ctypes, errno, json, os
before = len(os.sched_getaffinity(0))
try: os.sched_setaffinity(0, range(os.cpu_count())); asked = "done"
except OSError as error: asked = errno.errorcode[error.errno]
try: os.setpriority(os.PRIO_PROCESS, 0, 0); raised = os.getpriority(os.PRIO_PROCESS, 0)
except OSError as error: raised = errno.errorcode[error.errno]
print(json.dumps({"before": before, "asked": asked, "raised": raised, "after": len(os.sched_getaffinity(0)), "niceness": os.nice(0)}))
`;

type Outcome = Readonly<
  { before: number; asked: string; raised: string | number; after: number; niceness: number }
>;

scenario("code of a runner with one core has no other core and no higher priority", async (world) => {
  const { backend } = world;
  const cores = navigator.hardwareConcurrency;
  // Without the filter and without a lower priority code takes what it asks for.
  const dir = join(backend.dir, "bare");
  const bare = JSON.parse(
    await inBareSandbox({ dir, code: ASK_FOR_MORE, wrapper: ["taskset", "--cpu-list", "0"] }),
  ) as Outcome;
  assert.deepEqual([bare.before, bare.asked, bare.after], [1, "done", cores]);

  const cwd = await world.workspace();
  (await backend.gractl(["runner", "create", "one", "--cpu", "1"], { cwd })).exits(0);
  const args = ["--runner", "one"];
  const got = JSON.parse((await execute(backend, cwd, ASK_FOR_MORE, { args })).stdout) as Outcome;
  assert.deepEqual(got, { before: 1, asked: "EPERM", raised: "EACCES", after: 1, niceness: 5 });
  const shell = await execute(backend, cwd, "nice", {
    args: [...args, "--kernel", "bash", "--session", "shell"],
  });
  assert.match(shell.stdout, /^5$/m);
  (await backend.gractl(["runner", "destroy", "one"], { cwd })).exits(0);
}, { only: "local" }); // a pod has a share of all cores, by its control group

/** Runs four busy processes until they have used two seconds together; prints the CPU time and the time that passed. */
const BUSY = `
import json, os, time
def times(): return sum(os.times()[:4])
began, used = time.monotonic(), times()
children = []
for _ in range(4):
    child = os.fork()
    if child == 0:
        while time.process_time() < 0.5: pass
        os._exit(0)
    children.append(child)
for child in children: os.waitpid(child, 0)
print(json.dumps({"cpu": times() - used, "passed": time.monotonic() - began}))
`;

scenario("busy processes of a runner with one core use no more than that", async (world) => {
  const cwd = await world.workspace();
  (await world.backend.gractl(["runner", "create", "busy", "--cpu", "1"], { cwd })).exits(0);
  const got = JSON.parse((await execute(world.backend, cwd, BUSY, { args: ["--runner", "busy"] })).stdout);
  assert.ok(got.cpu >= 1.9, JSON.stringify(got));
  // On two cores the ratio comes near 2 on an idle machine; on one it cannot exceed 1 but for the clock's steps.
  assert.ok(got.cpu / got.passed < 1.1, JSON.stringify(got));
  (await world.backend.gractl(["runner", "destroy", "busy"], { cwd })).exits(0);
});
