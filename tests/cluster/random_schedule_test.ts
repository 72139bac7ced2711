/**
 * Callers that make, use, pause and destroy the same runners at once, in an order that a seed decides, while replicas are killed.
 * `GRAD_TEST_SEEDS=3,4,5` tries others; a failure names its seed.
 */
import assert from "node:assert/strict";
import { messageOf } from "../../shared/errors.ts";
import { randomBelow } from "../../shared/testing/random.ts";
import type { GradClient } from "../../gractl/client/grad_client.ts";
import { eventually, pause } from "../support/process.ts";
import { inNamespace, refOf, run, signal, SPEC } from "./support/calls.ts";
import { replicaSuite } from "./support/replica_suite.ts";
import { type At, BOTH, type Replicas } from "./support/replicas.ts";

const scenario = replicaSuite();

const SEEDS = (Deno.env.get("GRAD_TEST_SEEDS") ?? "1,2").split(",").map(Number);
const CALLERS = 3;
const CALLS_EACH = 4;
const LONG_MS = 120_000;

type Kind = "execute" | "create" | "pause" | "destroy";
/** How often each is chosen. */
const KINDS: readonly Kind[] = ["execute", "execute", "execute", "create", "pause", "destroy"];

/** A call and what came of it. `key` names the file that an execution writes. */
type Made = Readonly<{
  kind: Kind;
  name: string;
  key: string;
  beganAt: number;
  endedAt: number;
  /** Of an execution its status, else "ok"; or the error. */
  outcome: string;
  executionId: string;
}>;

async function make(client: GradClient, kind: Kind, name: string, key: string): Promise<Made> {
  const beganAt = performance.now();
  let executionId = "";
  async function call(): Promise<string> {
    const ref = refOf(name);
    switch (kind) {
      case "create":
        return (await client.runners.create(ref, SPEC, signal)).runner.phase === "ready" ? "ok" : "not ready";
      case "pause":
        return (await client.runners.pause(ref, { force: true }, signal)).phase === "paused"
          ? "ok"
          : "not paused";
      case "destroy":
        return (await client.runners.destroy(ref, { force: true }, signal)).phase === "destroyed"
          ? "ok"
          : "not destroyed";
      case "execute": {
        const code = `open("outputs/${key}", "a").write("x")\nprint("${key}")`;
        const { execution, stdout } = await run(client, name, code, { key: key.padEnd(16, "-") });
        executionId = execution.id;
        if (execution.status === "succeeded") assert.equal(stdout, `${key}\n`);
        return execution.status === "succeeded" ? "ok" : execution.status;
      }
    }
  }
  const outcome = await call().catch((thrown) => `${thrown.code ?? "no code"}: ${messageOf(thrown)}`);
  return { kind, name, key, beganAt, endedAt: performance.now(), outcome, executionId };
}

const ENDS: ReadonlySet<Kind> = new Set<Kind>(["pause", "destroy"]);

/** Calls on the same runner that end it, during any part of this one. */
function disturbers(made: Made, all: readonly Made[]): readonly Made[] {
  return all.filter((other) =>
    other !== made && other.name === made.name && ENDS.has(other.kind) && other.beganAt < made.endedAt &&
    made.beganAt < other.endedAt
  );
}

/** What must hold of every call, whatever the order was. */
function check(made: Made, all: readonly Made[]): void {
  const { kind, name, key, outcome } = made;
  const what = `${kind} ${name} ${key}: ${outcome}`;
  assert.ok(!/^(internal|no code|grad_unavailable|outcome_unknown)/.test(outcome), what);
  if (outcome === "ok") return;
  // A pause or a destroy of a runner that is not there, or that another call uses or ends.
  if (ENDS.has(kind)) return assert.match(outcome, /^(runner_not_found|runner_unavailable)/, what);
  assert.ok(disturbers(made, all).length > 0, `nothing ended its runner, but ${what}`);
}

async function scheduled(grad: Replicas, seed: number): Promise<void> {
  const below = randomBelow(seed);
  const names = [`a-${seed}`, `b-${seed}`];
  const clients = await Promise.all(Array.from({ length: CALLERS }, (_, at) => grad.client((at % 2) as At)));
  const all: Made[] = [];
  let working = true;
  // Drawn before anything runs, so that the order in which calls end changes none of it.
  const plans = clients.map((_, caller) =>
    Array.from({ length: CALLS_EACH }, (_, turn) => ({
      kind: turn === 0 ? "create" as const : KINDS[below(KINDS.length)]!,
      name: names[below(names.length)]!,
      key: `key-${seed}-${caller}-${turn}`,
    }))
  );
  const kills = Array.from({ length: 20 }, () => ({ at: BOTH[below(2)]!, afterMs: below(4_000) }));
  /** Kills in the middle of calls, each after another call has ended: what is slow on a busy machine ends, too. */
  async function killing(): Promise<void> {
    for (const [turn, { at, afterMs }] of kills.entries()) {
      const ended = all.length;
      await pause(afterMs);
      if (!working) return;
      await grad.kill(at);
      await grad.ensure(at);
      while (working && turn < kills.length - 1 && all.length === ended) await pause(100);
    }
  }
  async function calling(caller: number): Promise<void> {
    for (const { kind, name, key } of plans[caller]!) {
      all.push(await make(clients[caller]!, kind, name, key));
    }
  }
  try {
    const killer = killing();
    await Promise.all(clients.map((_, caller) => calling(caller))).finally(() => working = false);
    await killer;
    for (const made of all) check(made, all);
    await nothingLostOrDoubled(clients[0]!, names, all);
    await Promise.all(names.map((name) => make(clients[0]!, "destroy", name, "")));
    const there = inNamespace(grad.namespace);
    await eventually("an empty namespace", async () => {
      const left = [...await there.pods(), ...await there.volumes(), ...await there.secrets()];
      return left.length === 0 ? true : undefined;
    }, LONG_MS);
  } catch (thrown) {
    const lines = all.map(({ kind, name, key, beganAt, endedAt, outcome }) =>
      `${(beganAt / 1000).toFixed(1)}-${(endedAt / 1000).toFixed(1)} ${kind} ${name} ${key}: ${outcome}`
    );
    throw new Error(`seed ${seed}:\n${lines.join("\n")}\n${messageOf(thrown)}`, { cause: thrown });
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
  }
}

/** No code has run twice, and files and journals of what succeeded since the last destroy are there. */
async function nothingLostOrDoubled(
  client: GradClient,
  names: readonly string[],
  all: readonly Made[],
): Promise<void> {
  for (const name of names) {
    const { stdout } = await run(
      client,
      name,
      `import glob, os; print({os.path.basename(p): len(open(p).read()) for p in glob.glob("outputs/key-*")})`,
    );
    const written: Record<string, number> = JSON.parse(stdout.replaceAll("'", '"'));
    for (const [key, times] of Object.entries(written)) assert.equal(times, 1, `${key} ran ${times} times`);
    const destroys = all.filter((made) => made.kind === "destroy" && made.name === name);
    for (const made of all) {
      if (made.kind !== "execute" || made.name !== name || made.outcome !== "ok") continue;
      if (destroys.some(({ endedAt }) => endedAt > made.beganAt)) continue;
      assert.equal(written[made.key], 1, `${made.key} is lost`);
      assert.equal((await client.executions.get(made.executionId, signal)).status, "succeeded");
    }
  }
}

for (const seed of SEEDS) {
  scenario(
    `random calls lose and double nothing while replicas are killed (seed ${seed})`,
    (grad) => scheduled(grad, seed),
  );
}
