import assert from "node:assert/strict";
import { keeperStatus, stopKeeper } from "./keeper_client.ts";

/** A keeper that answers each line with `answer`, or never. */
async function withKeeper(
  answer: string | undefined,
  body: (socket: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/keeper.sock`;
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
  rooms: { data: { pid: 2, restarts: 3, lastExit: 1, alive: true } },
});

Deno.test("keeperStatus() tells of the rooms of its runner", () =>
  withKeeper(STATUS, async (socket) => {
    const want = [{ name: "data", alive: true, restarts: 3, lastExit: "1" }];
    assert.deepEqual(await keeperStatus(socket, "rme", 1_000), want);
    assert.equal(await keeperStatus(socket, "rother", 1_000), undefined);
    assert.ok(await stopKeeper(socket, 0, 1_000));
  }));

for (const answer of [undefined, "", "{", "null", '{"ok":false}']) {
  Deno.test(`keeperStatus() takes ${answer ?? "silence"} for no keeper, within its time`, () =>
    withKeeper(answer, async (socket) => {
      assert.equal(await keeperStatus(socket, "rme", 50), undefined);
      assert.ok(!await stopKeeper(socket, 0, 50));
    }));
}

Deno.test("keeperStatus() takes a missing socket for no keeper", async () => {
  assert.equal(await keeperStatus("/nowhere/keeper.sock", "rme", 50), undefined);
});
