/**
 * The API server itself is away for 20 s: not only grad, but also the kubelet, the scheduler and the Service are without it. It runs
 * where GRAD_TEST_STOP_API_SERVER and GRAD_TEST_START_API_SERVER have shell commands that do so; nothing else may use the cluster then.
 */
import assert from "node:assert/strict";
import { clusterBackend } from "../support/cluster_backend.ts";
import { eventually, pause, run } from "../support/process.ts";
import { REPOSITORY } from "../support/repository.ts";
import { withBackend } from "../support/with_backend.ts";
import { inNamespace } from "./support/calls.ts";
import { kubectl, required } from "./support/cluster.ts";
import { exec } from "./support/pod_processes.ts";

const STOP = Deno.env.get("GRAD_TEST_STOP_API_SERVER") ?? "";
const START = Deno.env.get("GRAD_TEST_START_API_SERVER") ?? "";
const AWAY_MS = 20_000;
const LONG_MS = 180_000;
/** Between two lines of code that prints one each 0.2 s: less than the time without an API server, however busy the machine is. */
const MAX_GAP_SECONDS = 10;

const PRINTS = `
import os, time
with open("outputs/ran", "a") as ran:
    ran.write("x")
last, gap = time.monotonic(), 0
while not os.path.exists("outputs/stop"):
    print("line", flush=True)
    time.sleep(0.2)
    gap, last = max(gap, time.monotonic() - last), time.monotonic()
print(round(gap, 1))
`;

async function shell(command: string): Promise<void> {
  const { code, stderr } = await run(["sh", "-c", command], { cwd: REPOSITORY, env: Deno.env.toObject() });
  assert.equal(code, 0, `${command}: ${stderr}`);
}

async function withoutApiServer(work: () => Promise<void>): Promise<void> {
  await shell(STOP);
  try {
    await work();
  } finally {
    await shell(START);
  }
}

/** grad's containers with the number of their starts. */
function replicas(): Promise<string> {
  const namespace = required("GRAD_TEST_NAMESPACE", "the namespace of the deployed grad");
  const columns = "custom-columns=:metadata.name,:status.containerStatuses[*].restartCount";
  const select = ["--selector=app.kubernetes.io/name=grad", "--namespace", namespace];
  return kubectl("get", "pods", ...select, "--no-headers", "--output", columns);
}

if (STOP !== "" && START !== "") {
  Deno.test({
    name: "the deployed grad: an API server that is away for 20 s ends nothing, and calls wait for it",
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () =>
      await withBackend(await clusterBackend(), async (backend) => {
        const runners = required(
          "GRAD_TEST_RUNNER_NAMESPACE",
          "the namespace of runners of the deployed grad",
        );
        const there = inNamespace(runners);
        const suffix = crypto.randomUUID().slice(0, 8);
        const [kept, made, asked] = ["kept", "made", "asked"].map((name) => `${name}-${suffix}`) as [
          string,
          string,
          string,
        ];
        const podOf = (name: string) =>
          eventually(`the pod of ${name}`, async () => {
            const id = (await there.runners()).find(({ spec }) => spec.name === name)?.metadata.name;
            return (await there.pods()).find(({ metadata }) => metadata?.name === id);
          }, LONG_MS);
        const cwd = await backend.makeWorkspace();
        const code = (runner: string, text: string) => ["execute-code", "--runner", runner, "--code", text];
        (await backend.gractl(["runner", "create", kept], { cwd })).exits(0);
        const running = backend.start(code(kept, PRINTS), { cwd });
        await running.saw(/line/, LONG_MS);
        const before = { pod: (await podOf(kept)).metadata!, replicas: await replicas() };
        const creating = backend.start(["runner", "create", made, "-o", "json"], { cwd });
        await podOf(made);
        const later: Record<string, ReturnType<typeof backend.start>> = {};
        await withoutApiServer(async () => {
          await pause(AWAY_MS / 4);
          // Calls that begin without an API server, gractl's first one to grad included.
          later["create"] = backend.start(["runner", "create", asked, "-o", "json"], { cwd });
          later["execute"] = backend.start([...code(kept, "print(6 * 7)"), "--session", "other"], { cwd });
          await pause(AWAY_MS * 3 / 4);
        });
        const all = { creating, ...later };
        for (const [name, call] of Object.entries(all)) {
          const { code, stderr } = await call.ended;
          assert.equal(code, 0, `${name}: ${stderr}`);
        }
        assert.equal((await later["execute"]!.ended).stdout, "42\n");
        const { metadata } = await podOf(kept);
        assert.equal(metadata!.uid, before.pod.uid);
        await exec(
          { namespace: runners, pod: metadata!.name!, container: "agent" },
          "touch",
          "/workspace/outputs/stop",
        );
        const finished = await running.ended;
        assert.equal(finished.code, 0, finished.stderr);
        const gap = Number(finished.stdout.trimEnd().split("\n").at(-1));
        assert.ok(gap < MAX_GAP_SECONDS, `the code waited for ${gap} s`);
        for (const name of [kept, made, asked]) {
          const record = (await there.runners()).find(({ spec }) => spec.name === name)!;
          assert.deepEqual([record.spec.desired, record.status?.phase], ["running", "ready"], name);
          const ran = await backend.gractl(
            code(name, "import os; print(os.path.exists('outputs/ran') and open('outputs/ran').read())"),
            { cwd },
          );
          assert.equal(ran.exits(0).stdout, name === kept ? "x\n" : "False\n");
        }
        // Liveness asks nothing of the API server: no replica was started again.
        assert.equal(await replicas(), before.replicas);
      }),
  });
}
