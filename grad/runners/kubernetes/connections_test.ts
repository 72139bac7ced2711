import assert from "node:assert/strict";
import type { V1Pod } from "@kubernetes/client-node";
import { Authority } from "./certificates.ts";
import { type ClosableComponents, Connections } from "./connections.ts";
import type { Identity } from "./identity.ts";

const ID = "rabcdefghijkl";

async function anIdentity(): Promise<Identity> {
  const authority = await Authority.load(await Authority.create(0));
  return { authority, client: await authority.client("grad.internal", 0, 1) };
}

function pod(podIP: string | undefined, changes: { deleted?: true; phase?: string } = {}): V1Pod {
  return {
    metadata: changes.deleted ? { deletionTimestamp: new Date(0) } : {},
    status: { phase: changes.phase ?? "Running", ...(podIP === undefined ? {} : { podIP }) },
  };
}

/** Connections whose opening and closing, and whose questions to the API, are counted. */
async function world() {
  const state = { pod: pod("10.0.0.1") as V1Pod | undefined, identity: await anIdentity(), asked: 0 };
  const open = new Set<string>();
  const names: string[] = [];
  const connections = new Connections({
    connect({ agent, data, tls }) {
      names.push(tls.serverName);
      const component = (address: string) => {
        open.add(address);
        return { close: () => void open.delete(address) };
      };
      return { agent: component(agent), data: component(data) } as unknown as ClosableComponents;
    },
    identity: () => Promise.resolve(state.identity),
    getPod: () => (state.asked++, Promise.resolve(state.pod)),
  });
  return { state, open, names, connections, opened: () => [...open] };
}

Deno.test("Connections asks for the pod's address at each use while pods are not watched", async () => {
  const { state, connections, opened, names } = await world();
  const first = await connections.to(ID);
  assert.equal(await connections.to(ID), first);
  assert.equal(state.asked, 2);
  assert.deepEqual(opened(), ["10.0.0.1:7070", "10.0.0.1:7071"]);
  assert.deepEqual(names, [`${ID}.runner.grad.internal`]);
  state.pod = pod("fd00::2");
  assert.notEqual(await connections.to(ID), first);
  assert.deepEqual(opened(), ["[fd00::2]:7070", "[fd00::2]:7071"]);
});

Deno.test("Connections asks nothing while pods are watched, and again when the watch has ended", async () => {
  const { state, connections } = await world();
  await connections.to(ID);
  connections.listed(new Map([[ID, state.pod!]]));
  const asked = state.asked;
  for (let uses = 0; uses < 3; uses++) await connections.to(ID);
  assert.equal(state.asked, asked);
  connections.unwatched();
  await connections.to(ID);
  assert.equal(state.asked, asked + 1);
});

for (
  const [what, changed] of Object.entries({
    "has another address": pod("10.0.0.2"),
    "is ending": pod("10.0.0.1", { deleted: true }),
    "has failed": pod("10.0.0.1", { phase: "Failed" }),
    "is gone": undefined,
  })
) {
  Deno.test(`Connections closes a connection as soon as its pod ${what}, by a change or a list`, async () => {
    for (const tell of ["changed", "listed"] as const) {
      const { state, connections, opened } = await world();
      connections.listed(new Map([[ID, state.pod!]]));
      await connections.to(ID);
      if (tell === "changed") connections.changed(ID, changed);
      else connections.listed(changed === undefined ? new Map() : new Map([[ID, changed]]));
      assert.deepEqual(opened(), []);
    }
  });
}

Deno.test("Connections keeps a connection whose pod changes in other ways", async () => {
  const { state, connections } = await world();
  connections.listed(new Map([[ID, state.pod!]]));
  const first = await connections.to(ID);
  connections.changed(ID, pod("10.0.0.1", { phase: "Unknown" }));
  assert.equal(await connections.to(ID), first);
});

Deno.test("Connections refuses a pod without an address, and one that is ending", async () => {
  const { state, connections, opened } = await world();
  await connections.to(ID);
  for (const unusable of [undefined, pod(undefined), pod(""), pod("10.0.0.1", { deleted: true })]) {
    state.pod = unusable;
    await assert.rejects(connections.to(ID), { code: "runner_unavailable" });
    assert.deepEqual(opened(), []);
  }
});

Deno.test("Connections connects anew with a renewed identity, also while pods are watched", async () => {
  const { state, connections } = await world();
  connections.listed(new Map([[ID, state.pod!]]));
  const first = await connections.to(ID);
  state.identity = await anIdentity();
  const second = await connections.to(ID);
  assert.notEqual(second, first);
  assert.equal(await connections.to(ID), second);
});

Deno.test("Connections shares what a call at the same moment has opened", async () => {
  const { connections, opened } = await world();
  const [first, second] = await Promise.all([connections.to(ID), connections.to(ID)]);
  assert.equal(first, second);
  assert.equal(opened().length, 2);
});
