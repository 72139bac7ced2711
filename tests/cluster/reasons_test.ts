/** A start that cannot succeed says why at once, with a hint; what the cluster ends is made again from its record. */
import assert from "node:assert/strict";
import { aContext } from "../../grad/auth/testing/contexts.ts";
import { runnerId } from "../../grad/runners/names.ts";
import type { RunnerService } from "../../grad/runners/service.ts";
import { WORKSPACE } from "../../grad/runners/testing/records.ts";
import { aService, ENVIRONMENTS } from "../../grad/runners/testing/service.ts";
import { eventually } from "../support/process.ts";
import { kubectl } from "./support/cluster.ts";
import { type ClusterWorld, clusterWorld, type WorldOptions } from "./support/world.ts";

/** Longest wait for something that takes a few seconds on a machine that does nothing else. */
const LONG_MS = 120_000;
/** On the registry that has the image under test. */
const MISSING = `${Deno.env.get("GRAD_TEST_RUNNER_IMAGE")}-missing`;
const OPTIONS: WorldOptions = {
  environments: { missing: { image: MISSING }, nowhere: { nodeSelector: { "grad.dev/test": "nowhere" } } },
};
const context = aContext();
const ref = (name: string) => ({ workspaceId: WORKSPACE, name });
const idOf = (name: string) => runnerId("local", ref(name));
const SPEC = { resources: { cpuMillis: 0, memoryMib: 512, storageMib: 0 }, network: "none" } as const;

function serviceOf(world: ClusterWorld, stopping: AbortSignal = new AbortController().signal): RunnerService {
  const defaults = ENVIRONMENTS.get("default")!;
  const environments = new Map(["default", "missing", "nowhere"].map((name) => [name, defaults]));
  return aService({ ...world.grad(), environments, stopping });
}

function scenario(
  name: string,
  options: WorldOptions,
  body: (world: ClusterWorld) => Promise<void>,
): void {
  Deno.test({
    name: `on the cluster, ${name}`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using world = await clusterWorld(options);
      await body(world);
    },
  });
}

async function refused(world: ClusterWorld, environment: string) {
  const service = serviceOf(world);
  const create = service.create(context, ref("refused"), { environment, ...SPEC });
  const error = await create.then(() => assert.fail("it was created"), (thrown) => thrown);
  const view = await service.find.view(context, ref("refused"));
  assert.equal(view.phase, "failed");
  assert.equal(view.message, error.message);
  const ended = await service.destroy(context, ref("refused"), { force: false });
  assert.equal(ended.status.phase, "destroyed");
  return {
    code: error.code,
    reason: view.reason,
    message: error.message as string,
    hint: error.hint as string,
  };
}

scenario("an image that cannot be pulled is named", OPTIONS, async (world) => {
  const { code, reason, message, hint } = await refused(world, "missing");
  assert.deepEqual([code, reason], ["runner_failed", "image_unavailable"]);
  assert.ok(message.includes(MISSING), message);
  assert.match(hint, /image/);
});

scenario("a runner that no node may run gets the scheduler's words", OPTIONS, async (world) => {
  const { code, reason, message, hint } = await refused(world, "nowhere");
  assert.deepEqual([code, reason], ["runner_failed", "unschedulable"]);
  assert.match(message, /node affinity\/selector/);
  assert.match(hint, /--memory/);
});

scenario("a quota that is used up is named", {}, async (world) => {
  await kubectl("create", "quota", "none", "--hard=pods=0", "--namespace", world.namespace);
  const { code, reason, message } = await refused(world, "default");
  assert.deepEqual([code, reason], ["quota_exhausted", "quota_exceeded"]);
  assert.match(message, /exceeded quota: none/);
});

scenario("a volume that cannot be made is named", { storageClassName: "missing" }, async (world) => {
  const { code, reason, message } = await refused(world, "default");
  assert.deepEqual([code, reason], ["runner_failed", "volume_unavailable"]);
  assert.match(message, /storageclass.*"missing" not found/);
});

scenario(
  "a pod that was deleted or ended by its node is made again over the same files",
  {},
  async (world) => {
    const stopping = new AbortController();
    const service = serviceOf(world, stopping.signal);
    const { namespace } = world;
    const id = idOf("kept");
    const podUid = async () =>
      (await kubectl(
        "get",
        "pod",
        id,
        "--namespace",
        namespace,
        "--ignore-not-found",
        "-o=jsonpath={.metadata.uid}",
      ))
        .trim();
    const { components } = await service.ensure(context, ref("kept"), { environment: "", ...SPEC });
    const code = {
      session: "default",
      kernel: "",
      paramsJson: "",
      codeName: "",
      columns: 0,
      deadlineMs: 0,
      waitMs: 20_000,
      maxBytes: 1 << 20,
    };
    const request = { ...code, idempotencyKey: "0123456789abcdef", code: "1+1", datasetsVersion: "" };
    const { execution } = await components.agent.execute(request, context.signal);
    const running = service.reconciler.run();
    try {
      const made = async (before: string) => {
        await eventually(
          "a new pod",
          async () => (![before, ""].includes(await podUid())) || undefined,
          LONG_MS,
        );
        await eventually("ready again", async () => {
          const { phase } = await service.find.view(context, ref("kept"));
          return phase === "ready" || undefined;
        }, LONG_MS);
        const find = await service.ask(
          context,
          ref("kept"),
          (agent) => agent.getExecution(execution.id, context.signal),
        );
        assert.equal(find.id, execution.id);
      };
      let before = await podUid();
      await world.crash(id);
      await made(before);
      // The node ends it, as in an eviction: the pod stays, and nothing of it runs.
      before = await podUid();
      const deadline = JSON.stringify({ spec: { activeDeadlineSeconds: 1 } });
      await kubectl("patch", "pod", id, "--namespace", namespace, "--patch", deadline);
      // Its second loss in a row: only a request does not wait.
      await eventually("its loss", async () => {
        const { phase } = await service.find.view(context, ref("kept"));
        return phase === "lost" || undefined;
      }, LONG_MS);
      const { message } = await service.find.view(context, ref("kept"));
      assert.match(message, /deadline/);
      await service.ensure(context, ref("kept"), undefined);
      await made(before);
    } finally {
      stopping.abort(new Error("the test has ended"));
      await running;
    }
  },
);
