import assert from "node:assert/strict";
import { KubeConfig, type KubernetesObject } from "@kubernetes/client-node";
import { changes } from "./watch.ts";

const DEADLINE_MS = 10_000;

function named(name: string): KubernetesObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name } };
}

/** An API server whose watches report what `report` is called with. */
function api() {
  const open = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(new ReadableStream({ start: (controller) => open.resolve(controller) })),
  );
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: "c", server: `http://127.0.0.1:${server.addr.port}`, skipTLSVerify: true }],
    users: [{ name: "u" }],
    contexts: [{ name: "x", cluster: "c", user: "u" }],
    currentContext: "x",
  });
  return {
    config,
    async report(type: string, object: KubernetesObject) {
      (await open.promise).enqueue(new TextEncoder().encode(`${JSON.stringify({ type, object })}\n`));
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test({
  name: "changes() reports a change at once, also while a listed object is still worked on",
  // The connection of the watch ends after the test.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using server = api();
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
