import assert from "node:assert/strict";
import { serveHealth } from "./health_port.ts";

const AT = { hostname: "127.0.0.1", port: 0 };

Deno.test("serveHealth() is live as long as it answers, and ready as long as calls can be served", async () => {
  let ready = true;
  await using health = serveHealth(AT, { check: () => Promise.resolve(ready) });
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`http://127.0.0.1:${health.port}${path}`, init);
    return [answer.status, await answer.text()];
  };
  assert.deepEqual(await ask("/readyz"), [200, "ready\n"]);
  ready = false;
  assert.deepEqual(await ask("/readyz"), [503, "not ready\n"]);
  assert.deepEqual(await ask("/livez?verbose"), [200, "live\n"]);
  assert.equal((await ask("/"))[0], 404);
  assert.equal((await ask("/livez", { method: "POST", body: "x" }))[0], 405);
});

Deno.test("serveHealth() says where it cannot listen", () => {
  using taken = Deno.listen(AT);
  const { port } = taken.addr as Deno.NetAddr;
  assert.throws(() => serveHealth({ ...AT, port }, { check: () => Promise.resolve(true) }), {
    code: "grad_unavailable",
    message: new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${port} for health: `),
  });
});
