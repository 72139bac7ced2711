import assert from "node:assert/strict";
import { refOf, run, signal, SPEC } from "./support/calls.ts";
import { exec, kill } from "./support/pod_processes.ts";
import { replicaSuite } from "./support/replica_suite.ts";

const scenario = replicaSuite();

scenario("the agent is killed three times during an execution: nothing of it is lost", async (grad) => {
  await using client = await grad.client(0);
  const { execution } = await run(client, "agent", "kept = 42");
  const agent = { namespace: grad.namespace, pod: execution.id.slice(0, 13), container: "agent" };
  const printed = Array.from({ length: 200 }, (_, line) => `${line}\n`).join("");
  // Ends when it was told so, whatever the pace of this machine.
  const code = `
import os, time
for line in range(200):
    print(line, flush=True)
    if line == 100:
        while not os.path.exists("outputs/go"): time.sleep(0.01)`;
  const half = Promise.withResolvers<void>();
  const running = run(client, "agent", code, { onOutput: (text) => text && half.resolve() });
  await Promise.race([half.promise, running]);
  for (let kills = 0; kills < 3; kills++) await kill(agent, "-m", "grad_runner.agent");
  await exec(agent, "touch", "/workspace/outputs/go");
  const finished = await running;
  assert.equal(finished.execution.status, "succeeded");
  assert.equal(finished.stdout, printed);
  assert.equal((await run(client, "agent", "print(kept)")).stdout, "42\n");
  await client.runners.destroy(refOf("agent"), { force: true }, signal);
});

scenario(
  "code that takes more than the runner's memory ends as out_of_memory, the session works again, files are there",
  async (grad) => {
    await using client = await grad.client(0);
    const spec = { ...SPEC, resources: { ...SPEC.resources, memoryMib: 512 } };
    const { execution } = await run(client, "memory", `open("outputs/kept.txt", "w").write("kept")`, {
      spec,
    });
    const kernel = { namespace: grad.namespace, pod: execution.id.slice(0, 13), container: "kernel" };
    // Version 2 of the control groups ends all of a container's processes, where the kubelet has not chosen otherwise.
    const isV1 = (await exec(kernel, "stat", "-f", "-c", "%T", "/sys/fs/cgroup")).trim() === "tmpfs";
    await run(client, "memory", "other = 7", { spec, session: "other" });
    const greedy = [
      // Page by page, as programs do.
      "blocks = []\nwhile True: blocks.append(bytearray(5_000_000))",
      // Faster than it can be measured, so that the system ends it.
      "import mmap, os\nwhole = mmap.mmap(-1, 4 << 30)\nfor at in range(0, len(whole), 1 << 20): whole[at:at + (1 << 20)] = bytes(1 << 20)",
    ];
    for (const code of greedy) {
      const over = await run(client, "memory", code, { spec });
      assert.equal(over.execution.status, "out_of_memory", JSON.stringify(over.execution));
      const after = await run(client, "memory", `print(open("outputs/kept.txt").read())`, { spec });
      assert.deepEqual([after.execution.status, after.stdout], ["succeeded", "kept\n"]);
      const other = await run(client, "memory", "print(globals().get('other', 'lost'))", {
        spec,
        session: "other",
      });
      const started = other.events.find(({ type }) => type === "started");
      assert.ok(started?.type === "started");
      if (isV1) assert.deepEqual([other.stdout, started.freshKernel], ["7\n", false]);
      else if (other.stdout !== "7\n") {
        assert.ok(started.freshKernel && started.previousEnd !== "", JSON.stringify(started));
      }
    }
    await client.runners.destroy(refOf("memory"), { force: true }, signal);
  },
);
