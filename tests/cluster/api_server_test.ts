import assert from "node:assert/strict";
import { eventually, pause } from "../support/process.ts";
import { inNamespace, refOf, run, signal, SPEC } from "./support/calls.ts";
import { replicaSuite } from "./support/replica_suite.ts";
import type { At, Replicas } from "./support/replicas.ts";

const scenario = replicaSuite();

const AWAY_MS = 20_000;
const LONG_MS = 120_000;
const LINES = 60;
const PRINTS = `
import time
with open("outputs/ran", "a") as ran:
    ran.write("x")
for line in range(${LINES}):
    print(line, flush=True)
    time.sleep(0.5)
`;

/**
 * Begins a create, an execution and a destroy, takes the API server away in their middle, and brings it back: everything ends as if it
 * had been there.
 */
async function without(grad: Replicas, kind: "refuse" | "freeze"): Promise<void> {
  const [kept, ended, made] = ["kept", "ended", "made"].map((name) => `${name}-${kind}`) as [
    string,
    string,
    string,
  ];
  const clients = [await grad.client(0), await grad.client(1)] as const;
  const there = inNamespace(grad.namespace);
  const podOf = async (name: string) => {
    const found = (await there.runners()).find(({ spec }) => spec.name === name);
    return (await there.pods()).find(({ metadata }) => metadata?.name === found?.metadata.name);
  };
  try {
    await Promise.all(
      [kept, ended].map((name, at) => clients[at as At].runners.create(refOf(name), SPEC, signal)),
    );
    let printed = "";
    const running = run(clients[0], kept, PRINTS, { onOutput: (text) => printed = text });
    await eventually("output", () => printed === "" ? undefined : true, LONG_MS);
    const creating = clients[1].runners.create(refOf(made), SPEC, signal);
    await eventually("the pod", () => podOf(made), LONG_MS);
    const destroying = clients[0].runners.destroy(refOf(ended), { force: true }, signal);
    await eventually("the end of the pod", async () => {
      const pod = await podOf(ended);
      return pod === undefined || pod.metadata?.deletionTimestamp !== undefined ? true : undefined;
    }, LONG_MS);

    await grad.api.set({ kind });
    await pause(AWAY_MS);
    await grad.api.set({ kind: "pass" });

    const finished = await running;
    assert.equal(finished.execution.status, "succeeded");
    assert.equal(finished.stdout, Array.from({ length: LINES }, (_, line) => `${line}\n`).join(""));
    assert.equal((await run(clients[1], kept, "print(open('outputs/ran').read())")).stdout, "x\n");
    assert.equal((await creating).runner.phase, "ready");
    assert.equal((await run(clients[0], made, "print(6 * 7)")).stdout, "42\n");
    assert.equal((await destroying).phase, "destroyed");
    assert.equal(await podOf(ended), undefined);
    await Promise.all(
      [kept, made].map((name) => clients[1].runners.destroy(refOf(name), { force: true }, signal)),
    );
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
  }
}

scenario("nothing is lost while the API server is stopped for 20 seconds", (grad) => without(grad, "refuse"));

scenario(
  "nothing is lost while the API server does not answer for 20 seconds",
  (grad) => without(grad, "freeze"),
);

scenario("connections to the API server that have gone silent are replaced", async (grad) => {
  await using client = await grad.client(0);
  await using other = await grad.client(1);
  await client.runners.create(refOf("silent"), SPEC, signal);
  assert.equal((await run(other, "silent", "print(1)")).stdout, "1\n");
  // For ever, as behind a gateway that has forgotten a connection. Watches are among them.
  await grad.api.set({ kind: "strand" });
  assert.equal((await run(client, "silent", "print(2)")).stdout, "2\n");
  assert.equal((await run(other, "silent", "print(3)")).stdout, "3\n");
  const destroying = client.runners.destroy(refOf("silent"), { force: true }, signal);
  await grad.api.set({ kind: "strand" });
  assert.equal((await destroying).phase, "destroyed");
});
