/**
 * Attack: code starts processes without end, or many that leave its process group and only compute, so that nothing else gets a turn:
 * a deadline of 20 s took 81 s to end such an execution.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { inBareSandbox } from "../support/bare_sandbox.ts";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

/** What the system refuses code to exceed: 2,048, above which the watchdog ends a kernel, and an eighth of that. */
const BOUND = 2_304;

/** Starts threads that only wait, up to `count`, and prints the limit and whether the system refused one. */
function waitingThreads(count: number): string {
  return `
import resource, threading
done, refused = threading.Event(), False
threads = [threading.Thread(target=done.wait) for _ in range(${count})]
started = []
threading.stack_size(64 * 1024)
try:
    for thread in threads: thread.start(); started.append(thread)
except RuntimeError: refused = True
done.set()
for thread in started: thread.join()
threading.stack_size(0)
print(resource.getrlimit(resource.RLIMIT_NPROC)[1], len(started), refused)
`;
}

scenario("code cannot have more tasks than the bound", async ({ backend, workspace }) => {
  const bare = await inBareSandbox({ dir: join(backend.dir, "bare"), code: waitingThreads(300) });
  const [limit, started, refused] = bare.trim().split(" ");
  assert.deepEqual([started, refused], ["300", "False"]);
  assert.notEqual(limit, String(BOUND));

  const cwd = await workspace();
  const args = ["--session", "threads"];
  const some = await execute(backend, cwd, waitingThreads(300), { args });
  assert.equal(some.stdout, `${BOUND} 300 False\n`);
  // It cannot be raised again, nor got round by a process that does not have it.
  const raise = `
import os, resource
for limit in (${BOUND + 1}, resource.RLIM_INFINITY):
    try: resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit)); print("raised")
    except ValueError: print("refused")
limits = set()
for pid in filter(str.isdigit, os.listdir("/proc")):
    if pid != "1": limits.add(resource.prlimit(int(pid), resource.RLIMIT_NPROC)[1])
print(sorted(limits))
`;
  const raised = await execute(backend, cwd, raise, { args });
  assert.equal(raised.stdout, `refused\nrefused\n[${BOUND}, ${BOUND + 64}]\n`);

  // Over it a thread is refused, or the watchdog has ended the kernel before.
  const call = await backend.gractl(
    ["execute-code", "-o", "json", ...args, "--code", waitingThreads(BOUND + 100)],
    { cwd },
  );
  const got = call.json<{ status: string; stdout: string; error: { message: string } | null }>();
  if (got.status === "succeeded") assert.match(got.stdout, /^2304 \d+ True\n$/);
  else assert.match(got.error?.message ?? "", /more processes and threads than the runner's limit/);
  assert.equal((await execute(backend, cwd, "print(1)", { args: ["--session", "other"] })).stdout, "1\n");
}, { only: "local" }); // the system counts the tasks of a user namespace, which a pod does not have; there the watchdog counts alone

/** Processes that compute without end and ignore interrupts, each a session of its own, whose parents have ended. As a last resort
 * they end by themselves. */
function bomb(count: number): string {
  return `
import os, signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
until = time.monotonic() + 120
for _ in range(${count}):
    if os.fork() == 0:
        os.setsid()
        if os.fork(): os._exit(0)
        while time.monotonic() < until: pass
        os._exit(0)
while time.monotonic() < until: pass
`;
}

scenario("a deadline ends hundreds of processes that leave nobody a turn", async ({ backend, workspace }) => {
  const cwd = await workspace();
  await execute(backend, cwd, "kept = 1", { args: ["--session", "bystander"] });
  const args = ["--session", "bomb", "--timeout", "3s"];
  const started = performance.now();
  const got = await execute(backend, cwd, bomb(300), { args, exit: 4 });
  const seconds = (performance.now() - started) / 1000;
  assert.equal(got.status, "deadline_exceeded");
  assert.ok(seconds < 30, `it took ${seconds} s`);
  // None is left, and who was there beside it goes on.
  const count = "import os; print(len([p for p in os.listdir('/proc') if p.isdigit()]) < 30, kept)";
  assert.equal((await execute(backend, cwd, count, { args: ["--session", "bystander"] })).stdout, "True 1\n");
});
