import assert from "node:assert/strict";
import { CoreV1Api } from "@kubernetes/client-node";
import { eventually } from "../support/process.ts";
import { inNamespace, refOf, run, signal, SPEC } from "./support/calls.ts";
import { clusterConfig, kubectl, required } from "./support/cluster.ts";
import { exec } from "./support/pod_processes.ts";
import { replicaSuite } from "./support/replica_suite.ts";

const IMAGE = required("GRAD_TEST_RUNNER_IMAGE", "the runner image, as the nodes of the cluster pull it");
const scenario = replicaSuite({ missing: `${IMAGE.replace(/(@sha256)?:[^:/]*$/, "")}:no-such-tag` });
const LONG_MS = 240_000;

/** How a pod ends that nobody asked grad to end. */
type End = Readonly<{ how: string; name: string; end(pod: string, namespace: string): Promise<unknown> }>;

const ENDS: readonly End[] = [
  {
    how: "is deleted",
    name: "deleted",
    end: (pod, namespace) => kubectl("delete", "pod", pod, "--namespace", namespace, "--wait"),
  },
  {
    how: "is deleted without its grace period",
    name: "forced",
    end: (pod, namespace) =>
      kubectl("delete", "pod", pod, "--namespace", namespace, "--wait", "--grace-period=0", "--force"),
  },
  {
    how: "is evicted through the API, as by `kubectl drain`,",
    name: "drained",
    end: (name, namespace) =>
      clusterConfig().makeApiClient(CoreV1Api).createNamespacedPodEviction({
        name,
        namespace,
        body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } },
      }),
  },
];

/** By hand: the kubelet measures volumes once a minute. */
const SLOW_ENDS: readonly End[] = [{
  how: "is evicted by its kubelet, because it has too much in a volume,",
  name: "evicted",
  end: (pod, namespace) => {
    const agent = { namespace, pod, container: "agent" };
    return exec(agent, "dd", "if=/dev/zero", "of=/tmp/large", "bs=1M", "count=80", "status=none");
  },
}];

for (const { how, name, end } of Deno.env.get("GRAD_TEST_LONG") === "true" ? [...ENDS, ...SLOW_ENDS] : ENDS) {
  scenario(`an execution whose pod ${how} is lost, and its session works again`, async (grad) => {
    await using client = await grad.client(0);
    await using other = await grad.client(1);
    await run(client, name, "open('outputs/kept', 'w').write('kept')\nx = 1");
    let printed = "";
    const running = run(client, name, "print('begun', flush=True)\nimport time\ntime.sleep(600)", {
      onOutput: (text) => printed = text,
    });
    await eventually("output", () => printed === "" ? undefined : true, LONG_MS);
    const { id } = await client.runners.get(refOf(name), signal);
    const podOf = async () =>
      (await inNamespace(grad.namespace).pods()).filter(({ metadata }) => metadata?.name === id);
    const before = (await podOf())[0]?.metadata?.uid;
    await end(id, grad.namespace);
    // Nobody asks for it: grad makes the pod again from its record.
    await eventually("another pod", async () => {
      const [now] = await podOf();
      return now !== undefined && now.metadata?.uid !== before ? true : undefined;
    }, LONG_MS);
    // The session is there again, with the files, and says that its variables are gone.
    const again = await run(other, name, "print(open('outputs/kept').read(), 'x' in globals())");
    assert.equal(again.stdout, "kept False\n");
    const started = again.events.find(({ type }) => type === "started");
    assert.ok(started?.type === "started" && started.freshKernel, "started");
    const { execution, stdout } = await running;
    assert.deepEqual([execution.status, stdout], ["lost", "begun\n"]);
    assert.equal((await podOf()).length, 1);
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
