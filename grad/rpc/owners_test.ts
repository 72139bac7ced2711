/** Who may do what with whose runner: for each method that names one. */
import assert from "node:assert/strict";
import type { Runner } from "../../proto/gen/grad/v1/runner.ts";
import type { Caller } from "../auth/call_context.ts";
import { executionId, runnerId } from "../runners/names.ts";
import { WORKSPACE } from "../runners/testing/records.ts";
import { type Served, served } from "../runners/testing/served.ts";
import { METHODS } from "./middleware/methods.ts";
import { execute, runnerCalls } from "./testing/calls.ts";
import { call, clients } from "./testing/clients.ts";

type Clients = ReturnType<typeof clients>;

const ALICE: Caller = { owner: "alice", isAdmin: false };
const MALLORY: Caller = { owner: "mallory", isAdmin: false };
const ADMIN: Caller = { owner: "root", isAdmin: true };

const ref = { workspaceId: WORKSPACE, name: "runner-1" };
const ofAlice = { ...ref, owner: ALICE.owner };
const ID = runnerId(ALICE.owner, ref);
const EXECUTION = executionId(ID, "0123456789abcdef");
/** By the runner that the call names, and by the execution. */
const CALLS = runnerCalls(ofAlice, EXECUTION);

/** A grad with a runner of alice in which code has run; `as` makes the calls of another caller. */
function scenario(
  name: string,
  body: (world: { all: Clients; grad: Served; as: (caller: Caller) => void }) => Promise<void>,
): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      let caller = ALICE;
      const authenticate = () => Promise.resolve(caller);
      await using grad = await served({ authenticator: { by: "socket", authenticate } });
      using all = clients(grad.address);
      const ran = await call(all.execution.execute.bind(all.execution), execute(ref, "1"));
      assert.equal(ran.execution?.id, EXECUTION);
      await body({ all, grad, as: (other) => void (caller = other) });
    },
  });
}

/** The fake agent has no files, uploads and other sessions: what it answers came through. */
const REACHED = /^(internal|file_not_found|upload_not_found|session_not_found)$/;

async function outcome(answer: Promise<unknown>): Promise<string> {
  return await answer.then(() => "ok", (thrown: { code?: string }) => thrown.code ?? String(thrown));
}

for (const [method, ask] of Object.entries(CALLS)) {
  scenario(
    `${method} serves the owner and an admin, and refuses everybody else`,
    async ({ all, grad, as }) => {
      as(MALLORY);
      const before = JSON.stringify(await grad.store.list());
      await assert.rejects(ask(all), { status: "PERMISSION_DENIED", code: "permission_denied" });
      assert.equal(JSON.stringify(await grad.store.list()), before, "a refused call changes nothing");
      for (const caller of [ALICE, ADMIN]) {
        as(caller);
        const code = await outcome(ask(all));
        assert.ok(code === "ok" || REACHED.test(code), `${caller.owner}: ${code}`);
      }
      const owners = (await grad.store.list()).map(({ record }) => record.owner);
      assert.deepEqual(
        owners,
        [ALICE.owner],
        "an admin makes no runner of its own where it names another owner",
      );
    },
  );
}

scenario(
  "a call that names no owner is about the caller's own runners, an admin's too",
  async ({ all, as }) => {
    for (const caller of [MALLORY, ADMIN]) {
      as(caller);
      const get = call(all.runner.getRunner.bind(all.runner), { ref });
      await assert.rejects(get, { status: "NOT_FOUND", code: "runner_not_found" });
    }
  },
);

scenario("whether another owner has a runner is not told", async ({ all, as }) => {
  as(MALLORY);
  const get = (name: string) => call(all.runner.getRunner.bind(all.runner), { ref: { ...ofAlice, name } });
  const messages = await Promise.all(
    ["runner-1", "no-such"].map((name) => get(name).catch((thrown: Error) => thrown.message)),
  );
  assert.deepEqual(messages, Array(2).fill("Cannot use the runner of another owner: only an admin can"));
});

/** The methods that answer with several runners. */
const LISTS: Readonly<Record<string, (all: Clients, allOwners: boolean) => Promise<{ runners: Runner[] }>>> =
  {
    ListRunners: ({ runner }, allOwners) =>
      call(runner.listRunners.bind(runner), { workspaceId: "", includeEnded: true, allOwners }),
    WatchRunners: ({ runner }, allOwners) =>
      call(runner.watchRunners.bind(runner), {
        workspaceId: "",
        includeEnded: true,
        allOwners,
        cursor: "",
        waitMs: 0,
      }),
  };

for (const [method, ask] of Object.entries(LISTS)) {
  scenario(`${method} shows the caller's runners, and an admin those of all owners who asks for them`, async (
    { all, as },
  ) => {
    const list = async (allOwners: boolean) => (await ask(all, allOwners)).runners.map(({ owner }) => owner);
    assert.deepEqual(await list(false), [ALICE.owner]);
    as(MALLORY);
    assert.deepEqual(await list(false), []);
    await assert.rejects(list(true), { status: "PERMISSION_DENIED", code: "permission_denied" });
    as(ADMIN);
    assert.deepEqual(await list(false), []);
    assert.deepEqual(await list(true), [ALICE.owner]);
  });
}

Deno.test("every method has a test of its owner, or is about no runner", () => {
  const tested = [...Object.keys(CALLS), ...Object.keys(LISTS), "Handshake", "Diagnose"];
  assert.deepEqual(tested.toSorted(), METHODS.toSorted());
});
