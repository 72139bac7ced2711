import { CoreV1Api, type V1Pod } from "@kubernetes/client-node";
import { eventually } from "../../support/process.ts";
import { aNamespace, clusterConfig, kubectl, required } from "./cluster.ts";
import { nodeProcesses } from "./node_processes.ts";

/** How a replica of the deployed grad ends. */
export type End = "killed by SIGKILL" | "deleted without its grace period";

const SELECTOR = "app.kubernetes.io/name=grad";
/** A container that is ended again and again waits for its next start: 10 s, then 20 s, then 40 s. */
const READY_MS = 240_000;

/** The replicas of the grad that tools/cluster/deploy.sh has made. */
export type DeployedReplicas =
  & AsyncDisposable
  & Readonly<{
    /** Waits until both are ready, and returns the names of their pods. */
    ready(): Promise<readonly [string, string]>;
    /** Ends one; returns when it has ended. Nobody waits until another one is there. */
    end(pod: string, how: End): Promise<void>;
    /** The lines that a replica has logged, as documents. The container before the last restart is not asked. */
    log(pod: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  }>;

export async function deployedReplicas(): Promise<DeployedReplicas> {
  const namespace = required("GRAD_TEST_NAMESPACE", "the namespace of the deployed grad");
  const config = clusterConfig();
  const core = config.makeApiClient(CoreV1Api);
  await using stack = new AsyncDisposableStack();
  const helpers = stack.use(await aNamespace(config));
  type NodeProcesses = Awaited<ReturnType<typeof nodeProcesses>>;
  const nodes = new Map<string, Promise<NodeProcesses>>();

  function onNode(name: string): Promise<NodeProcesses> {
    const known = nodes.get(name) ?? nodeProcesses(helpers.name, name).then((node) => made.use(node));
    nodes.set(name, known);
    return known;
  }
  const list = async () => (await core.listNamespacedPod({ namespace, labelSelector: SELECTOR })).items;
  const made = stack.move();
  return {
    ready: () =>
      eventually("two ready replicas of grad", async () => {
        const pods = await list();
        const [one, other, ...more] = pods.filter(isReady).map(({ metadata }) => metadata!.name!);
        const all = one !== undefined && other !== undefined && more.length === 0 && pods.length === 2;
        return all ? [one, other] as const : undefined;
      }, READY_MS),
    async end(pod, how) {
      if (how !== "killed by SIGKILL") {
        await kubectl(
          "delete",
          "pod",
          pod,
          "--namespace",
          namespace,
          "--grace-period=0",
          "--force",
          "--wait",
        );
        return;
      }
      const { spec, status } = await core.readNamespacedPod({ name: pod, namespace });
      const id = status!.containerStatuses![0]!.containerID!.replace(/^.*:\/\//, "");
      await (await onNode(spec!.nodeName!)).kill(id);
    },
    async log(pod) {
      const text = await kubectl("logs", pod, "--namespace", namespace, "--tail=-1");
      return text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    },
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}

function isReady({ metadata, status }: V1Pod): boolean {
  const ready = status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  return ready === true && metadata?.deletionTimestamp === undefined;
}
