import assert from "node:assert/strict";
import { systemClock } from "../../shared/clock.ts";
import { checkDataset } from "../datasets/check_dataset.ts";
import { aContext } from "../auth/testing/contexts.ts";
import type { Dataset } from "../agent/dataset.ts";
import { runnerId } from "../runners/names.ts";
import { type Machine, machine, memoryBackend } from "../runners/testing/memory_backend.ts";
import { memoryStore } from "../runners/testing/memory_store.ts";
import type { RunnerStore } from "../runners/store.ts";
import { WORKSPACE } from "../runners/testing/records.ts";
import { aService } from "../runners/testing/service.ts";
import { type ExecuteRequest, Executions } from "./executions.ts";

const context = aContext();
const runner = { workspaceId: WORKSPACE, name: "runner-1" };
const ID = runnerId("local", runner);

function setUp() {
  const on = machine();
  const store = memoryStore();
  const backend = memoryBackend(on);
  return {
    on,
    store,
    backend,
    executions: new Executions(newService(on, store, backend), systemClock),
  };
}

/** Another one over the same machine and store is another grad. */
function newService(on: Machine, store: RunnerStore, backend = memoryBackend(on)) {
  return aService({ store, backend });
}

function request(code: string, datasets: string[] = [], required: string[] = []): ExecuteRequest {
  const key = code.padEnd(16, "_").replaceAll(/[^a-z_]/g, "x");
  return {
    runner,
    spec: undefined,
    code: {
      idempotencyKey: key,
      session: "",
      kernel: "",
      code,
      paramsJson: "",
      codeName: "",
      columns: 0,
      deadlineMs: 0,
      waitMs: 0,
      maxBytes: 0,
    },
    datasets: datasets.map((name): Dataset => ({
      name,
      description: "",
      access: "read-only",
      source: { $case: "directory", value: { path: "/" } },
    })),
    required,
    keepOtherDatasets: false,
  };
}

Deno.test("Executions.execute() makes the runner and answers with the execution and its runner", async () => {
  const { executions, on } = setUp();
  const { execution, done } = await executions.execute(context, request("print"));
  assert.deepEqual(execution.runner, runner);
  assert.ok(done);
  assert.deepEqual((await executions.get(context, execution.id)).runner, runner);
  await executions.execute(context, request("again"));
  assert.equal(on.starts, 1);
  assert.equal((await executions.list(context, { runner, session: "", limit: 0 })).length, 2);
});

Deno.test("Executions.execute() does not start code whose required dataset is not readable, and reports why", async () => {
  const { executions, on } = setUp();
  const refused = executions.execute(context, request("print", ["good", "broken"], ["broken"]));
  await assert.rejects(refused, { code: "dataset_bucket_not_found", message: /"broken"/, hint: "Check it." });
  assert.equal(on.volumes.get(ID)?.executions.size, 0);
});

Deno.test("Executions.execute() starts code whose broken dataset is not required, and says which and why", async () => {
  const { executions } = setUp();
  for (const required of [["good"], []]) {
    const answer = await executions.execute(context, request("print", ["good", "broken"], required));
    assert.ok(answer.done);
    const told = answer.unavailable.map(({ name, state, errorCode }) => [name, state, errorCode]);
    assert.deepEqual(told, [["broken", "failed", "dataset_bucket_not_found"]]);
  }
});

Deno.test("Executions.execute() detaches no others where they are to stay", async () => {
  const { executions, on } = setUp();
  const names = () => on.mounts.get(ID)?.attached.map(({ name }) => name);
  await executions.execute(context, request("one", ["good", "broken"]));
  const kept = { ...request("two", ["other"], ["other"]), keepOtherDatasets: true };
  const answer = await executions.execute(context, kept);
  assert.deepEqual([names(), answer.unavailable], [["good", "broken", "other"], []]);
});

Deno.test("Executions.execute() leaves the mounts alone where no datasets are given and others are to stay", async () => {
  const { executions, on } = setUp();
  await executions.execute(context, request("one", ["good"]));
  await executions.execute(context, { ...request("two"), keepOtherDatasets: true });
  assert.deepEqual(on.mounts.get(ID)?.applied.length, 1);
  assert.deepEqual(on.mounts.get(ID)?.attached.map(({ name }) => name), ["good"]);
});

Deno.test("Executions.execute() answers a key that has run even when its dataset has broken since", async () => {
  const { executions } = setUp();
  const { execution } = await executions.execute(context, request("print", ["good"]));
  const again = await executions.execute(context, request("print", ["broken"], ["broken"]));
  assert.equal(again.execution.id, execution.id);
});

Deno.test("Executions.execute() starts components again that ended since, with the same key", async () => {
  const { executions, backend, on } = setUp();
  await executions.execute(context, request("before"));
  await backend.crash(ID);
  assert.ok((await executions.execute(context, request("after"))).done);
  assert.equal(on.starts, 2);
});

Deno.test("Executions.execute() applies an empty set once, and again after another set", async () => {
  const { executions, on } = setUp();
  for (const code of ["a", "b"]) await executions.execute(context, request(code));
  await executions.execute(context, request("c", ["good"]));
  await executions.execute(context, request("d"));
  assert.deepEqual(on.mounts.get(ID)?.applied.map((set) => set.map(({ name }) => name)), [[], ["good"], []]);
});

Deno.test("Executions.execute() runs no code with the datasets that another grad attaches meanwhile", async () => {
  const { executions, on, store } = setUp();
  const other = new Executions(newService(on, store), systemClock);
  const word = (n: number) => "abcdefghij"[n]!;
  for (let turn = 0; turn < 10; turn++) {
    await Promise.all([
      executions.execute(context, request(`left${word(turn)}`, turn % 3 === 0 ? [] : ["left"])),
      other.execute(context, request(`right${word(turn)}`, ["right"])),
    ]);
  }
  const found = [...on.volumes.get(ID)!.executions.values()].map(({ code, datasets }) => [code, datasets]);
  const wanted = [..."abcdefghij"].flatMap((letter, turn) => [
    [`left${letter}`, turn % 3 === 0 ? "none" : "left"],
    [`right${letter}`, "right"],
  ]);
  assert.deepEqual(found.sort(), wanted.sort());
});

Deno.test("Executions.execute() gives up when others attach other datasets again and again", async () => {
  const { backend, on, store } = setUp();
  let nowMs = 0;
  const clock = { now: () => nowMs, sleep: (ms: number) => Promise.resolve(void (nowMs += ms)) };
  const executions = new Executions(newService(on, store, backend), clock);
  await executions.execute(context, request("a"));
  const { data } = on.up.get(ID)!;
  const apply = data.apply;
  const { datasets } = request("", ["other"]);
  data.apply = async (asked, signal) => {
    const applied = await apply(asked, signal);
    await apply({ datasets, required: [], keepOthers: false, waitMs: 0 }, signal);
    return applied;
  };
  await assert.rejects(executions.execute(context, request("b", ["good"])), { code: "datasets_changed" });
  assert.equal(on.volumes.get(ID)?.executions.size, 1);
  assert.equal(nowMs, 15_000);
});

Deno.test("Executions.execute() detaches what another grad has attached since", async () => {
  const { executions, on, store } = setUp();
  await executions.execute(context, request("a"));
  const other = new Executions(newService(on, store), systemClock);
  await other.execute(context, request("b", ["good"]));
  assert.deepEqual(on.mounts.get(ID)?.attached.map(({ name }) => name), ["good"]);
  await executions.execute(context, request("c"));
  assert.deepEqual(on.mounts.get(ID)?.attached, []);
});

Deno.test("Executions.execute() detaches what a check of another grad has attached since", async () => {
  const { executions, on, store } = setUp();
  await executions.execute(context, request("a"));
  const [dataset] = request("", ["good"]).datasets;
  const asked = { runner, dataset: dataset!, maxFiles: 0 };
  await checkDataset(context, newService(on, store), asked);
  assert.deepEqual(on.mounts.get(ID)?.attached.map(({ name }) => name), ["good"]);
  await executions.execute(context, request("b"));
  assert.deepEqual(on.mounts.get(ID)?.attached, []);
});
