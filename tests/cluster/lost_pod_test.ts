import assert from "node:assert/strict";
import { eventually } from "../support/process.ts";
import { inNamespace, refOf, run, signal, SPEC } from "./support/calls.ts";
import { kubectl, required } from "./support/cluster.ts";
import { replicaSuite } from "./support/replica_suite.ts";

const IMAGE = required("GRAD_TEST_RUNNER_IMAGE", "the runner image, as the nodes of the cluster pull it");
const scenario = replicaSuite({ missing: `${IMAGE.replace(/(@sha256)?:[^:/]*$/, "")}:no-such-tag` });
const LONG_MS = 120_000;

for (const how of ["deleted", "deleted without its grace period"] as const) {
  scenario(`an execution whose pod is ${how} is lost, and its session works again`, async (grad) => {
    const name = how === "deleted" ? "deleted" : "forced";
    await using client = await grad.client(0);
    await using other = await grad.client(1);
    await run(client, name, "open('outputs/kept', 'w').write('kept')\nx = 1");
    let printed = "";
    const running = run(client, name, "print('begun', flush=True)\nimport time\ntime.sleep(600)", {
      onOutput: (text) => printed = text,
    });
    await eventually("output", () => printed === "" ? undefined : true, LONG_MS);
    const { id } = await client.runners.get(refOf(name), signal);
    const force = how === "deleted" ? [] : ["--grace-period=0", "--force"];
    await kubectl("delete", "pod", id, "--namespace", grad.namespace, "--wait", ...force);
    // The session is there again, with the files, and says that its variables are gone.
    const again = await run(other, name, "print(open('outputs/kept').read(), 'x' in globals())");
    assert.equal(again.stdout, "kept False\n");
    const started = again.events.find(({ type }) => type === "started");
    assert.ok(started?.type === "started" && started.freshKernel, "started");
    const { execution, stdout } = await running;
    assert.deepEqual([execution.status, stdout], ["lost", "begun\n"]);
    assert.equal(
      (await inNamespace(grad.namespace).pods()).filter(({ metadata }) => metadata?.name === id).length,
      1,
    );
    await other.runners.destroy(refOf(name), { force: true }, signal);
  });
}

scenario(
  "a runner whose image is missing fails at once with the reason, and can be destroyed",
  async (grad) => {
    await using client = await grad.client(0);
    await using other = await grad.client(1);
    const spec = { ...SPEC, environment: "missing" };
    const failed = await client.runners.create(refOf("no-image"), spec, signal).then(
      () => assert.fail("it was made"),
      (thrown) => thrown,
    );
    assert.equal(failed.code, "runner_failed");
    assert.match(failed.message, /no-such-tag/);
    const { phase, reason } = await other.runners.get(refOf("no-image"), signal);
    assert.deepEqual([phase, reason], ["failed", "image_unavailable"]);
    assert.equal(
      (await other.runners.destroy(refOf("no-image"), { force: true }, signal)).phase,
      "destroyed",
    );
    assert.deepEqual(await inNamespace(grad.namespace).pods(), []);
  },
);
