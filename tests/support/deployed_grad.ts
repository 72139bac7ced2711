import assert from "node:assert/strict";
import { join } from "node:path";
import { kubectl } from "./kubectl.ts";
import { eventually } from "./process.ts";

const REPLICAS = 2;
/** Lines of each replica's log in which the caller is looked for. */
const TAIL = 500;

/**
 * Ends the replica of the deployed grad that has answered `owner` last, and waits until two are ready again: files of scenarios that run at
 * the same time end one after the other, so that one replica is always there.
 * @param how options of `kubectl delete`
 */
export async function endServingReplica(
  namespace: string,
  owner: string,
  ...how: readonly string[]
): Promise<void> {
  using lock = await Deno.open(join("/tmp", `grad-tests-${namespace}.lock`), { create: true, write: true });
  await lock.lock(true);
  const answered = await Promise.all((await readyReplicas(namespace)).map(async (pod) => {
    const log = await kubectl("logs", pod, "--namespace", namespace, "--timestamps", `--tail=${TAIL}`);
    const line = log.split("\n").findLast((each) => each.includes(`"owner":"${owner}"`)) ?? "";
    return { pod, at: line.split(" ")[0]! };
  }));
  const [latest] = answered.sort((one, other) => one.at < other.at ? 1 : -1);
  assert.ok(latest !== undefined, "no replica of grad is ready");
  await kubectl("delete", "pod", latest.pod, "--namespace", namespace, ...how);
  await eventually("two replicas of grad", async () => {
    const ready = (await readyReplicas(namespace)).filter((pod) => pod !== latest.pod);
    return ready.length >= REPLICAS ? true : undefined;
  }, 120_000);
}

async function readyReplicas(namespace: string): Promise<string[]> {
  const ready =
    '{range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}';
  const selector = "--selector=app.kubernetes.io/name=grad";
  const pods = await kubectl("get", "pods", selector, "--namespace", namespace, `--output=jsonpath=${ready}`);
  return pods.split("\n").filter((line) => line.endsWith(" True")).map((line) => line.split(" ")[0]!);
}
