import assert from "node:assert/strict";
import { eventually } from "../support/process.ts";
import { inNamespace, refOf, run, signal, SPEC } from "./support/calls.ts";
import { replicaSuite } from "./support/replica_suite.ts";
import { type At, BOTH, type Replicas } from "./support/replicas.ts";

const scenario = replicaSuite();

/** Longest wait for something that takes a second or two on a machine that does nothing else. */
const LONG_MS = 120_000;
const WHICH = ["that works on it", "that its client calls"] as const;

async function podOf(grad: Replicas, id: string) {
  return (await inNamespace(grad.namespace).pods()).find(({ metadata }) => metadata?.name === id);
}

/** The instance of grad that has claimed the runner. */
async function holderOf(grad: Replicas, id: string): Promise<string | undefined> {
  const all = await inNamespace(grad.namespace).runners();
  return all.find(({ metadata }) => metadata.name === id)?.status?.claim?.holder;
}

/** The id of the runner `name`, once it has a record. */
function idOf(grad: Replicas, name: string): Promise<string> {
  return eventually(`the record of ${name}`, async () => {
    const all = await inNamespace(grad.namespace).runners();
    return all.find(({ spec }) => spec.name === name)?.metadata.name;
  }, LONG_MS);
}

scenario("fifty creates of one name at once make one runner", async (grad) => {
  await using one = await grad.client(0);
  await using other = await grad.client(1);
  const clients = [one, other];
  const made = await Promise.all(
    Array.from({ length: 50 }, (_, at) => clients[at % 2]!.runners.create(refOf("fifty"), SPEC, signal)),
  );
  assert.equal(made.filter(({ created }) => created).length, 1);
  assert.equal(new Set(made.map(({ runner }) => runner.id)).size, 1);
  assert.deepEqual(new Set(made.map(({ runner }) => runner.phase)), new Set(["ready"]));
  const there = inNamespace(grad.namespace);
  const counts = [await there.pods(), await there.volumes(), await there.secrets(), await there.runners()];
  assert.deepEqual(counts.map(({ length }) => length), [1, 1, 1, 1]);
  await one.runners.destroy(refOf("fifty"), { force: true }, signal);
});

/** The replica to kill: the one that has the claim on the runner, or the one that the client of the tests calls. */
async function victim(grad: Replicas, id: string, which: typeof WHICH[number]): Promise<At> {
  if (which === "that its client calls") return 0;
  const holder = await eventually("a claim", () => holderOf(grad, id), LONG_MS);
  return BOTH.find((at) => grad.instance(at) === holder)!;
}

for (const [turn, which] of WHICH.entries()) {
  scenario(`a create goes on when the replica ${which} is killed`, async (grad) => {
    const name = `made-${turn}`;
    await using client = await grad.client(0);
    const creating = client.runners.create(refOf(name), SPEC, signal);
    const id = await idOf(grad, name);
    const before = await eventually("the pod", () => podOf(grad, id), LONG_MS);
    await grad.kill(await victim(grad, id, which));
    const { runner } = await creating;
    assert.deepEqual([runner.id, runner.phase], [id, "ready"]);
    // The same pod: the other replica found it, and made none of its own.
    assert.equal((await podOf(grad, id))?.metadata?.uid, before.metadata?.uid);
    assert.equal((await run(client, name, "print(6 * 7)")).stdout, "42\n");
    await client.runners.destroy(refOf(name), { force: true }, signal);
  });

  scenario(`a destroy goes on when the replica ${which} is killed`, async (grad) => {
    const name = `ended-${turn}`;
    await using client = await grad.client(0);
    const { runner: { id } } = await client.runners.create(refOf(name), SPEC, signal);
    const destroying = client.runners.destroy(refOf(name), { force: true }, signal);
    await eventually("the end of the pod", async () => {
      const pod = await podOf(grad, id);
      return pod === undefined || pod.metadata?.deletionTimestamp !== undefined ? true : undefined;
    }, LONG_MS);
    await grad.kill(await victim(grad, id, which));
    const ended = await destroying;
    assert.equal(ended.phase, "destroyed");
    assert.notEqual(ended.tombstone?.endedAt, undefined);
    const there = inNamespace(grad.namespace);
    const named = (all: readonly { metadata?: { name?: string } }[]) =>
      all.filter(({ metadata }) => metadata?.name?.startsWith(id)).length;
    assert.deepEqual([named(await there.pods()), named(await there.secrets())], [0, 0]);
    await eventually(
      "the end of the volume",
      async () => named(await there.volumes()) === 0 ? true : undefined,
      LONG_MS,
    );
  });
}

scenario("ten executions lose nothing and run once when each replica is killed in turn", async (grad) => {
  const LINES = 40;
  const clients = [await grad.client(0), await grad.client(1)];
  try {
    await clients[0]!.runners.create(refOf("ten"), SPEC, signal);
    const printed = Array.from({ length: 10 }, () => 0);
    const running = Array.from({ length: 10 }, (_, index) =>
      run(
        clients[index % 2]!,
        "ten",
        `
import time
with open("outputs/ran-${index}", "a") as ran:
    ran.write("x")
for line in range(${LINES}):
    print(line, flush=True)
    time.sleep(0.25)
`,
        { session: `s${index}`, onOutput: (text) => printed[index] = text.split("\n").length - 1 },
      ));
    const all = Promise.all(running);
    /** Each execution is in its middle: it has printed, and has more to print. */
    const inTheMiddle = () =>
      eventually("output of all", () => printed.every((lines) => lines > 0) ? true : undefined, LONG_MS);
    await Promise.race([inTheMiddle(), all]);
    await grad.kill(0);
    await grad.ensure(0);
    await grad.kill(1);
    await grad.ensure(1);
    const expected = Array.from({ length: LINES }, (_, line) => `${line}\n`).join("");
    for (const { execution, stdout } of await all) {
      assert.equal(stdout, expected);
      assert.equal(execution.status, "succeeded");
    }
    const ran = await run(
      clients[1]!,
      "ten",
      `import glob; print([open(path).read() for path in sorted(glob.glob("outputs/ran-*"))])`,
    );
    assert.equal(ran.stdout, `[${Array.from({ length: 10 }, () => "'x'").join(", ")}]\n`);
    await clients[0]!.runners.destroy(refOf("ten"), { force: true }, signal);
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
  }
});
