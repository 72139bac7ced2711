import assert from "node:assert/strict";
import { initStatus, stopInit } from "./init_client.ts";

/** A init that answers each line with `answer`, or never. */
async function withInit(
  answer: string | undefined,
  body: (socket: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/init.sock`;
  const listener = Deno.listen({ transport: "unix", path });
  const open: Deno.Conn[] = [];
  const serving = (async () => {
    for await (const connection of listener) {
      open.push(connection);
      await connection.read(new Uint8Array(1024));
      if (answer !== undefined) await connection.write(new TextEncoder().encode(`${answer}\n`));
    }
  })().catch(() => {});
  try {
    await body(path);
  } finally {
    listener.close();
    for (const connection of open) connection.close();
    await serving;
    await Deno.remove(dir, { recursive: true });
  }
}

const STATUS = JSON.stringify({
  ok: true,
  runner: "rme",
  pid: 1,
  components: { data: { pid: 2, restarts: 3, lastExit: 1, alive: true } },
});

Deno.test("initStatus() returns the components of its runner", () =>
  withInit(STATUS, async (socket) => {
    const want = [{ name: "data", alive: true, restarts: 3, lastExit: "1" }];
    assert.deepEqual(await initStatus(socket, "rme", 1_000), want);
    assert.equal(await initStatus(socket, "rother", 1_000), undefined);
    assert.ok(await stopInit(socket, 0, 1_000));
  }));

for (const answer of [undefined, "", "{", "null", '{"ok":false}']) {
  Deno.test(`initStatus() takes ${answer ?? "silence"} for no init, within its time`, () =>
    withInit(answer, async (socket) => {
      assert.equal(await initStatus(socket, "rme", 50), undefined);
      assert.ok(!await stopInit(socket, 0, 50));
    }));
}

Deno.test("initStatus() gives up also when its time is over before it is connected", () =>
  withInit(undefined, async (socket) => {
    for (let tries = 0; tries < 20; tries++) {
      const asking = initStatus(socket, "rme", 1);
      // As on a busy machine: time passes while nothing can run.
      for (const until = performance.now() + 5; performance.now() < until;);
      assert.equal(await asking, undefined);
    }
  }));

Deno.test("initStatus() takes a missing socket for no init", async () => {
  assert.equal(await initStatus("/nowhere/init.sock", "rme", 50), undefined);
});
