import assert from "node:assert/strict";
import { startFaultProxy } from "./fault_proxy.ts";

async function fetchText(url: string, timeoutMs = 3_000): Promise<string> {
  const response = await fetch(url, {
    signal: AbortSignal.timeout(timeoutMs),
    headers: { connection: "close" },
  });
  return await response.text();
}

Deno.test("startFaultProxy() passes, refuses, freezes and cuts, and passes again", async () => {
  const body = "x".repeat(1 << 20);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response(body));
  await using proxy = startFaultProxy(server.addr.port);
  const url = proxy.endpoint;
  assert.equal(await fetchText(url), body);

  await proxy.set({ kind: "refuse" });
  await assert.rejects(
    Deno.connect({ hostname: "127.0.0.1", port: proxy.port }),
    Deno.errors.ConnectionRefused,
  );
  await proxy.set({ kind: "pass" });
  assert.equal(await fetchText(url), body);

  await proxy.set({ kind: "freeze" });
  await assert.rejects(fetchText(url, 300), { name: "TimeoutError" });
  await proxy.set({ kind: "pass" });
  assert.equal(await fetchText(url), body);

  await proxy.set({ kind: "cut", afterBytes: 200_000 });
  await assert.rejects(fetchText(url));
  await proxy.set({ kind: "pass" });
  assert.equal(await fetchText(url), body);
  assert.ok(proxy.connections >= 6);
  await server.shutdown();
});
