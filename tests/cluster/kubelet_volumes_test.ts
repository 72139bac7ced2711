/**
 * The kubelet walks through the volumes of each pod once a minute, the one with the mounts of datasets among them. What it finds there may not
 * answer: S3 is frozen, or s3fs itself. GRAD_TEST_LONG=true, because it waits for that minute twice.
 */
import assert from "node:assert/strict";
import { eventually } from "../support/process.ts";
import { inNamespace, refOf, run, signal, SPEC } from "./support/calls.ts";
import { kubectl } from "./support/cluster.ts";
import { startLake } from "./support/lake.ts";
import { exec, signalProcesses } from "./support/pod_processes.ts";
import { replicaSuite } from "./support/replica_suite.ts";

const scenario = replicaSuite();

const LONG_MS = 240_000;
/** The kubelet answers from what it has measured before; only one that hangs takes longer, however busy the machine is. */
const MAX_ANSWER_MS = 240_000;
/** The volume with the mounts, as grad's pods name it, and one beside it. */
const [MOUNTS, OTHER] = ["data", "kernel-tmp"];

type Summary = Readonly<{
  pods: readonly Readonly<{
    podRef: Readonly<{ uid: string }>;
    volume?: readonly Readonly<{ name: string; time: string }>[];
  }>[];
}>;

/** Asks the kubelet of a node for all that it has measured. */
async function summaryOf(node: string): Promise<Summary> {
  const began = performance.now();
  const summary = JSON.parse(await kubectl("get", "--raw", `/api/v1/nodes/${node}/proxy/stats/summary`));
  const ms = performance.now() - began;
  assert.ok(ms < MAX_ANSWER_MS, `the kubelet answered after ${ms} ms`);
  return summary;
}

if (Deno.env.get("GRAD_TEST_LONG") === "true") {
  scenario(
    "a kubelet measures volumes, and other pods start and end, while S3 or s3fs does not answer",
    async (grad) => {
      await using lake = await startLake();
      await using client = await grad.client(0);
      const { execution } = await run(client, "frozen", "print(1)", { datasets: [lake.sales] });
      const name = execution.id.slice(0, 13);
      const { metadata, spec } = (await inNamespace(grad.namespace).pods())
        .find((pod) => pod.metadata?.name === name)!;
      const [uid, node] = [metadata!.uid!, spec!.nodeName!];
      const [agent, data] = ["agent", "data"].map((container) => ({
        namespace: grad.namespace,
        pod: name,
        container,
      })) as [
        Parameters<typeof exec>[0],
        Parameters<typeof exec>[0],
      ];
      /** When the kubelet last measured the pod's volumes. All of them are measured together. */
      const measuredAt = async () => {
        const pod = (await summaryOf(node)).pods.find(({ podRef }) => podRef.uid === uid);
        const times = [MOUNTS, OTHER].map((volume) => pod?.volume?.find(({ name }) => name === volume)?.time);
        return times.every((time) => time !== undefined)
          ? Math.min(...times.map((time) => Date.parse(time!)))
          : undefined;
      };
      const measuredAgain = async () => {
        const before = await eventually("the first measurement", measuredAt, LONG_MS);
        const began = performance.now();
        await eventually(
          "another measurement",
          async () => (await measuredAt() ?? 0) > before ? true : undefined,
          LONG_MS,
        );
        return Math.round((performance.now() - began) / 1000);
      };
      const otherRunner = async (other: string) => {
        const began = performance.now();
        await client.runners.create(refOf(other), SPEC, signal);
        await client.runners.destroy(refOf(other), { force: true }, signal);
        return Math.round((performance.now() - began) / 1000);
      };
      const list = (seconds: number) =>
        exec(
          agent,
          "sh",
          "-c",
          `timeout -s KILL ${seconds} ls /workspace/data/sales >/dev/null 2>&1 && echo answers || echo hangs`,
        );

      assert.equal(await list(60), "answers\n");
      const usual = { measured: await measuredAgain(), other: await otherRunner("usual") };
      lake.s3.freeze();
      try {
        const frozen = { measured: await measuredAgain(), other: await otherRunner("beside-s3") };
        await signalProcesses(data, "SIGSTOP", "s3fs", "-f");
        assert.equal(await list(5), "hangs\n", "s3fs was stopped, but its mount answers");
        const stopped = { other: await otherRunner("beside-s3fs"), measured: await measuredAgain() };
        // In seconds.
        console.log(JSON.stringify({ usual, frozen, stopped }));
        await client.runners.destroy(refOf("frozen"), { force: true }, signal);
      } finally {
        lake.s3.thaw();
      }
    },
  );
}
