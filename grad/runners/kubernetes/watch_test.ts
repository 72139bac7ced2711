import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { KubeConfig, type KubernetesObject } from "@kubernetes/client-node";
import { changes } from "./watch.ts";

const DEADLINE_MS = 10_000;

function named(name: string): KubernetesObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name } };
}

/** An API server whose watches report what `report` is called with. */
async function api() {
  const opened = [Promise.withResolvers<ServerResponse>(), Promise.withResolvers<ServerResponse>()];
  const versions: (string | null)[] = [];
  const server = createServer(({ url = "" }, response) => {
    const at = versions.push(new URL(url, "http://host").searchParams.get("resourceVersion")) - 1;
    response.flushHeaders();
    opened[at]?.resolve(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: "c", server: `http://127.0.0.1:${port}`, skipTLSVerify: true }],
    users: [{ name: "u" }],
    contexts: [{ name: "x", cluster: "c", user: "u" }],
    currentContext: "x",
  });
  return {
    config,
    /** From where each watch began. */
    versions,
    opened: (at: number) => opened[at]!.promise,
    async report(type: string, object: KubernetesObject) {
      (await opened[0]!.promise).write(`${JSON.stringify({ type, object })}\n`);
    },
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

Deno.test({
  name: "changes() reports a change at once, also while a listed object is still worked on",
  // The connection of the watch ends after the test.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    using server = await api();
    const stop = new AbortController();
    const seen = Promise.withResolvers<string>();
    const collection = {
      path: "/api/v1/pods",
      list: () => Promise.resolve({ items: [named("slow"), named("next")], resourceVersion: "1" }),
      reported: ({ metadata }: KubernetesObject, isDeleted: boolean) =>
        seen.resolve(`${metadata?.name} ${isDeleted}`),
    };
    const names: (string | undefined)[] = [];
    for await (const { metadata } of changes(server.config, collection, stop.signal)) {
      names.push(metadata?.name);
      if (names.length === 1) {
        void server.report("DELETED", named("gone"));
        AbortSignal.timeout(DEADLINE_MS).addEventListener(
          "abort",
          () => seen.resolve("nothing was reported"),
        );
        assert.equal(await seen.promise, "gone true");
      }
      if (names.length === 3) break;
    }
    assert.deepEqual(names, ["slow", "next", "gone"]);
    stop.abort();
  },
});

/** How the API server ends a watch. */
const ENDS: Readonly<Record<string, (watch: ServerResponse) => void>> = {
  "ends after its time": (watch) => void watch.end(),
  "has lost its history": (watch) => {
    const status = { kind: "Status", apiVersion: "v1", code: 410, reason: "Expired", message: "too old" };
    watch.write(`${JSON.stringify({ type: "ERROR", object: status })}\n`);
  },
};

for (const [how, end] of Object.entries(ENDS)) {
  Deno.test({
    name: `changes() lists again when its watch ${how}, and takes nothing that is missing then for deleted`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      using server = await api();
      const stop = new AbortController();
      const lists = [["kept", "gone"], ["kept", "new"]];
      const happened: string[] = [];
      let listed = 0;
      const collection = {
        path: "/api/v1/pods",
        list: () => {
          happened.push("listed");
          const names = lists[listed++] ?? [];
          return Promise.resolve({ items: names.map(named), resourceVersion: String(listed) });
        },
        reported: ({ metadata }: KubernetesObject, isDeleted: boolean) =>
          void happened.push(`${metadata?.name} ${isDeleted ? "deleted" : "changed"}`),
        ended: () => void happened.push("ended"),
      };
      const names: (string | undefined)[] = [];
      for await (const { metadata } of changes(server.config, collection, stop.signal)) {
        names.push(metadata?.name);
        if (names.length === 2) end(await server.opened(0));
        if (names.length === 4) break;
      }
      assert.deepEqual(names, ["kept", "gone", "kept", "new"]);
      // Whoever keeps what was reported is told that it is not current, before there is a new list; nobody says "deleted".
      assert.deepEqual(happened.slice(0, 3), ["listed", "ended", "listed"]);
      assert.ok(!happened.some((text) => text.endsWith("deleted")), happened.join());
      assert.deepEqual(server.versions, ["1", "2"]);
      stop.abort();
    },
  });
}

Deno.test("changes() says that it watches no more where the watch cannot be opened", async () => {
  const config = new KubeConfig();
  config.loadFromOptions({ clusters: [], users: [], contexts: [], currentContext: "none" });
  let ended = 0;
  const collection = {
    path: "/api/v1/pods",
    list: () => Promise.resolve({ items: [], resourceVersion: "1" }),
    ended: () => void ended++,
  };
  await assert.rejects(changes(config, collection, new AbortController().signal).next());
  assert.equal(ended, 1);
});
