/**
 * `make bench-cluster`: what runners in pods cost, against pods that are written by hand and used by kubectl, on the cluster that
 * KUBECONFIG names, with the image GRAD_TEST_RUNNER_IMAGE. Prints a table and writes results-cluster.json beside this file.
 */
import { inNamespace, outputOf, refOf, signal } from "../tests/cluster/support/calls.ts";
import { aNamespace, clusterConfig, required } from "../tests/cluster/support/cluster.ts";
import { startReplicas } from "../tests/cluster/support/replicas.ts";
import { handWritten, straightInPod } from "./hand_written_pod.ts";
import { thisMachine } from "./machine.ts";
import { compare, type Figure, interleaved, median, table, timed } from "./measure.ts";

const IMAGE = required("GRAD_TEST_RUNNER_IMAGE", "the runner image, as the nodes of the cluster pull it");
const COLD_RUNS = Number(Deno.env.get("BENCH_COLD_RUNS") ?? 9);
const WARM_RUNS = 100;
const MANY = Number(Deno.env.get("BENCH_MANY") ?? 20);
const IMPORT = "import pandas; print(1)";

await using grad = await startReplicas();
await using client = await grad.client(0);
await using other = await grad.client(1);
await using namespace = await aNamespace(clusterConfig());

async function kubectl(args: readonly string[], stdin = ""): Promise<string> {
  const child = new Deno.Command("kubectl", {
    args: ["--namespace", namespace.name, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`kubectl ${args.join(" ")}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
const pod = (name: string) => handWritten(name, { image: IMAGE, namespace: namespace.name, kubectl });

const destroy = (name: string) => client.runners.destroy(refOf(name), { force: true }, signal);
const printed = (text: string, expected: string) => {
  if (text.trim() !== expected) throw new Error(`printed ${JSON.stringify(text)}`);
};
const ask = async (name: string, code: string, expected = "1") =>
  printed((await outputOf(client, name, code)).stdout, expected);

/** `1+1` in the runner `warm`. */
async function add(): Promise<void> {
  const { events } = await outputOf(client, "warm", "1+1");
  if (!events.some(({ type }) => type === "result")) throw new Error("no result");
}

/** A new runner with a new volume, until code has its first result. */
async function firstFigures(): Promise<Figure[]> {
  let turn = 0;
  const taken = await interleaved({
    async ours() {
      const name = `first-${turn++}`;
      const ms = await timed(() => ask(name, IMPORT));
      await destroy(name);
      return ms;
    },
    async baseline() {
      const name = `first-${turn++}`;
      const one = await pod(name);
      const ms = await timed(async () => {
        await one.apply();
        printed(await one.python(IMPORT), "1");
      });
      await one.deletePod();
      await kubectl(["delete", "pvc,secret", "--all", "--wait=false"]);
      return ms;
    },
  }, { runs: COLD_RUNS, warmUps: 1 });
  const sides = { ...taken, baselineName: "hand-written pod, kubectl exec" };
  return [compare("create to first import pandas", sides, { target: "<= 1.3" })];
}

async function resumeFigures(): Promise<Figure[]> {
  const one = await pod("paused");
  await one.apply();
  await ask("paused", IMPORT);
  const taken = await interleaved({
    async ours() {
      await client.runners.pause(refOf("paused"), { force: true }, signal);
      return await timed(() => ask("paused", IMPORT));
    },
    async baseline() {
      await one.deletePod();
      return await timed(async () => {
        await one.apply();
        printed(await one.python(IMPORT), "1");
      });
    },
  }, { runs: COLD_RUNS, warmUps: 1 });
  await one.deletePod();
  await destroy("paused");
  const baselineName = "hand-written pod over its volume, kubectl exec";
  return [compare("paused to first import pandas", { ...taken, baselineName })];
}

async function warmFigures(): Promise<Figure[]> {
  const one = await pod("warm");
  await one.apply();
  const { executionId } = await outputOf(client, "warm", "1+1");
  const id = executionId.split("-")[0]!;
  await using straight = await straightInPod(id, grad.namespace);
  const taken = await interleaved({
    ours: () => timed(add),
    jupyter: () => straight.turn("interactive 1+1"),
  }, { runs: WARM_RUNS, warmUps: 10 });
  const exec = await interleaved({
    ours: () => timed(add),
    exec: () => timed(async () => printed(await one.python("print(1+1)"), "2")),
  }, { runs: 20, warmUps: 2 });
  await one.deletePod();
  await destroy("warm");
  return [
    compare("warm 1+1 in a runner's pod", {
      ours: taken.ours,
      baseline: taken.jupyter,
      baselineName: "jupyter_client in the pod",
    }),
    compare("warm 1+1 in a runner's pod, by kubectl", {
      ours: exec.ours,
      baseline: exec.exec,
      baselineName: "kubectl exec python -c",
    }),
  ];
}

/** Both replicas make runners at once; each answers code. */
async function manyFigures(): Promise<Figure[]> {
  const names = Array.from({ length: MANY }, (_, index) => `many-${index}`);
  const each: number[] = [];
  const ours = await timed(() =>
    Promise.all(names.map(async (name, index) => {
      const by = index % 2 === 0 ? client : other;
      each.push(await timed(async () => printed((await outputOf(by, name, IMPORT)).stdout, "1")));
    }))
  );
  const ready = (await inNamespace(grad.namespace).pods()).length;
  if (ready !== MANY) throw new Error(`${ready} pods for ${MANY} runners`);
  await Promise.all(names.map(destroy));
  const pods = await Promise.all(names.map(pod));
  const baseline = await timed(() =>
    Promise.all(pods.map(async (one) => {
      await one.apply();
      printed(await one.python(IMPORT), "1");
    }))
  );
  await Promise.all(pods.map((one) => one.deletePod()));
  const sides = { ours: [ours], baseline: [baseline], baselineName: `${MANY} hand-written pods at once` };
  return [
    compare(`${MANY} runners at once, until the last has imported pandas`, sides, {
      notes: `the median runner after ${(median(each) / 1000).toFixed(1)} s`,
    }),
  ];
}

const all = { first: firstFigures, resume: resumeFigures, warm: warmFigures, many: manyFigures };
const only = Deno.args.length > 0 ? Deno.args : Object.keys(all);
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(all)) {
  if (!only.includes(name)) continue;
  console.error(`measuring ${name} …`);
  figures.push(...(await measure()).map((figure) => ({ ...figure, loadAverage: Deno.loadavg()[0] })));
}
console.log(table(figures));
const machine = thisMachine();
const file = new URL("results-cluster.json", import.meta.url);
const older = await Deno.readTextFile(file).then((text) => JSON.parse(text).figures as Figure[], () => []);
const measured = new Set(figures.map(({ name }) => name));
const results = {
  measuredAt: new Date().toISOString(),
  machine,
  figures: [...older.filter(({ name }) => !measured.has(name)), ...figures],
};
await Deno.writeTextFile(file, JSON.stringify(results, null, 2) + "\n");
