/**
 * The replicas of the deployed grad end while gractl uses them. gractl connects to the address of grad's Service, which leads to one of them.
 * `GRAD_TEST_LONG=true` ends each replica in each way in the middle of a create and a destroy.
 */
import assert from "node:assert/strict";
import type { Backend } from "../support/backend.ts";
import { clusterBackend } from "../support/cluster_backend.ts";
import { eventually, type Running } from "../support/process.ts";
import { withBackend } from "../support/with_backend.ts";
import { inNamespace } from "./support/calls.ts";
import { required } from "./support/cluster.ts";
import { type DeployedReplicas, deployedReplicas, type End } from "./support/deployed_replicas.ts";
import { exec } from "./support/pod_processes.ts";

const RUNNERS = required("GRAD_TEST_RUNNER_NAMESPACE", "the namespace of runners of the deployed grad");
const LONG_MS = 120_000;
const IS_LONG = Deno.env.get("GRAD_TEST_LONG") === "true";

/** Prints lines until the file outputs/stop is there, and then how many there were. Adds one byte to outputs/ran-NAME. */
const linesUntilStopped = (name: string) => `
import os, time
with open("outputs/ran-${name}", "a") as ran:
    ran.write("x")
line = 0
while not os.path.exists("outputs/stop"):
    print(line, flush=True)
    line += 1
    time.sleep(0.2)
print("ended after", line)
`;

type World = Readonly<
  { backend: Backend; cwd: string; grad: DeployedReplicas; there: ReturnType<typeof inNamespace> }
>;

function scenario(name: string, body: (world: World) => Promise<void>): void {
  Deno.test({
    name: `the deployed grad: ${name}`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using grad = await deployedReplicas();
      await grad.ready();
      await withBackend(await clusterBackend(), async (backend) => {
        const cwd = await backend.makeWorkspace();
        await body({ backend, cwd, grad, there: inNamespace(RUNNERS) });
      });
    },
  });
}

/** A name that no other test uses: all of them share the namespace of runners. */
const unique = (name: string) => `${name}-${crypto.randomUUID().slice(0, 8)}`;

const recordOf = async ({ there }: World, name: string) =>
  (await there.runners()).find(({ spec }) => spec.name === name);

/** The runner's pod, once there is one. */
function podOf(world: World, name: string) {
  return eventually(`the pod of ${name}`, async () => {
    const id = (await recordOf(world, name))?.metadata.name;
    return (await world.there.pods()).find(({ metadata }) => metadata?.name === id);
  }, LONG_MS);
}

/** What belongs to a runner, by kind. */
async function belongings({ there }: World, id: string): Promise<readonly number[]> {
  const all = [await there.pods(), await there.volumes(), await there.secrets()];
  return all.map((of) => of.filter(({ metadata }) => metadata?.name?.startsWith(id)).length);
}

/** The lines that are whole. */
const printed = (running: Running) => running.seen().stdout.split("\n").slice(0, -1);

/** Waits until each has printed more than it had when this was called. */
async function goOn(all: readonly Running[]): Promise<void> {
  const before = all.map((running) => printed(running).length);
  await eventually("more output of all", async () => {
    for (const running of all) await Promise.race([running.ended.then(failed), Promise.resolve()]);
    return all.every((running, at) => printed(running).length > before[at]!) ? true : undefined;
  }, LONG_MS);
}

function failed(ended: Awaited<Running["ended"]>): never {
  assert.fail(`gractl has ended: ${ended.code}\n${ended.stdout.slice(-500)}\n${ended.stderr}`);
}

/** Lets the code end, and fails unless gractl has printed every line once, in order. */
async function assertWhole(world: World, runner: string, all: readonly Running[]): Promise<void> {
  const pod = (await podOf(world, runner)).metadata!.name!;
  await exec({ namespace: RUNNERS, pod, container: "agent" }, "touch", "/workspace/outputs/stop");
  for (const running of all) {
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    const lines = stdout.trimEnd().split("\n");
    const count = lines.length - 1;
    assert.deepEqual(lines, [
      ...Array.from({ length: count }, (_, line) => `${line}`),
      `ended after ${count}`,
    ]);
  }
}

scenario("ten executions lose nothing and run once when each replica is killed by SIGKILL", async (world) => {
  const { backend, cwd, grad } = world;
  const runner = unique("ten");
  (await backend.gractl(["runner", "create", runner], { cwd })).exits(0);
  const all = Array.from({ length: 10 }, (_, at) => {
    const code = linesUntilStopped(`${at}`);
    return backend.start(["execute-code", "--runner", runner, "--session", `s${at}`, "--code", code], {
      cwd,
    });
  });
  await goOn(all);
  for (const at of [0, 1] as const) {
    const pods = await grad.ready();
    await grad.end(pods[at], "killed by SIGKILL");
    await goOn(all);
  }
  await assertWhole(world, runner, all);
  const code = `import glob; print([open(path).read() for path in glob.glob("outputs/ran-*")])`;
  const ran = await backend.gractl(["execute-code", "--runner", runner, "--code", code], { cwd });
  assert.equal(ran.exits(0).stdout, `[${Array.from({ length: 10 }, () => "'x'").join(", ")}]\n`);
});

scenario(
  "gractl goes on by itself with another replica when its own one ends, three times",
  async (world) => {
    const { backend, cwd, grad } = world;
    const runner = unique("follow");
    const args = ["execute-code", "--runner", runner, "--code", linesUntilStopped("once")];
    const following = backend.start(args, { cwd });
    await goOn([following]);
    const { owner } = (await backend.gractl(["runner", "get", runner, "-o", "json"], { cwd })).exits(0)
      .json();
    /** How often each replica has answered a read of this user. */
    const answers = async () => {
      const counts = new Map<string, number>();
      for (const pod of await grad.ready()) {
        const lines = await grad.log(pod);
        counts.set(
          pod,
          lines.filter((line) => line["method"] === "ReadEvents" && line["owner"] === owner).length,
        );
      }
      return counts;
    };
    const serving = () =>
      eventually("the replica that gractl uses", async () => {
        const before = await answers();
        await goOn([following]);
        const after = await answers();
        return [...after].find(([pod, count]) => count > (before.get(pod) ?? 0))?.[0];
      }, LONG_MS);
    for (let turn = 0; turn < 3; turn++) {
      const its = await serving();
      await grad.end(its, "deleted without its grace period");
      assert.notEqual(await serving(), its);
    }
    await assertWhole(world, runner, [following]);
  },
);

type Victim = "that works on it" | "that does not";
const ALL: readonly (readonly [Victim, End])[] = [
  ["that works on it", "killed by SIGKILL"],
  ["that works on it", "deleted without its grace period"],
  ["that does not", "killed by SIGKILL"],
  ["that does not", "deleted without its grace period"],
];

/** Ends the replica that has the claim on the runner, or the other one. */
async function endReplica(world: World, runner: string, [victim, how]: typeof ALL[number]): Promise<void> {
  const { grad } = world;
  const pods = await grad.ready();
  const holder = await eventually(
    "a claim",
    async () => (await recordOf(world, runner))?.status?.claim?.holder,
    LONG_MS,
  );
  const logs = await Promise.all(pods.map((pod) => grad.log(pod)));
  const at = logs.findIndex((log) =>
    log.some((line) => line["event"] === "server.ready" && line["instance"] === holder)
  );
  assert.notEqual(at, -1, `no replica has logged that it is ${holder}`);
  await grad.end(pods[victim === "that works on it" ? at : 1 - at]!, how);
}

// A container that is killed twice waits for its next start. By default one of both is killed, and one is deleted.
for (const which of IS_LONG ? ALL : [ALL[1]!]) {
  scenario(`a create goes on when the replica ${which.join(" is ")}`, async (world) => {
    const { backend, cwd } = world;
    const runner = unique("made");
    const creating = backend.start(["runner", "create", runner, "-o", "json"], { cwd });
    const before = await podOf(world, runner);
    await endReplica(world, runner, which);
    const { code, stderr } = await creating.ended;
    assert.equal(code, 0, stderr);
    const after = await podOf(world, runner);
    assert.equal(after.metadata!.uid, before.metadata!.uid);
    assert.deepEqual(await belongings(world, after.metadata!.name!), [1, 1, 1]);
    const args = ["execute-code", "--runner", runner, "--code", "print(6 * 7)"];
    assert.equal((await backend.gractl(args, { cwd })).exits(0).stdout, "42\n");
  });
}

for (const which of IS_LONG ? ALL : [ALL[0]!]) {
  scenario(`a destroy goes on when the replica ${which.join(" is ")}`, async (world) => {
    const { backend, cwd, there } = world;
    const runner = unique("ended");
    (await backend.gractl(["runner", "create", runner], { cwd })).exits(0);
    const id = (await podOf(world, runner)).metadata!.name!;
    const destroying = backend.start(["runner", "destroy", runner, "--force", "-o", "json"], { cwd });
    await eventually("the end of the pod", async () => {
      const pod = (await there.pods()).find(({ metadata }) => metadata?.name === id);
      return pod === undefined || pod.metadata?.deletionTimestamp !== undefined ? true : undefined;
    }, LONG_MS);
    await endReplica(world, runner, which);
    const { code, stderr } = await destroying.ended;
    assert.equal(code, 0, stderr);
    assert.equal((await recordOf(world, runner))?.status?.phase, "destroyed");
    await eventually("the end of what belongs to it", async () => {
      return (await belongings(world, id)).every((count) => count === 0) ? true : undefined;
    }, LONG_MS);
  });
}
