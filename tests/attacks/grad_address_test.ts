import assert from "node:assert/strict";
import { join } from "node:path";
import { writeContexts } from "../../gractl/auth/testing/context_home.ts";
import { dialGrad } from "../../gractl/client/grpc_client.ts";
import { systemClock } from "../../shared/clock.ts";
import type { Backend } from "../support/backend.ts";
import { execute, executeCall } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

// Code of a runner listens on a socket and poses as grad, which receives code and the keys of datasets.

// Unix sockets of this machine: a grad of a cluster has an address of the network.
const scenario = suite({ only: "local" });

/** Listens in the background of the session, and writes what it receives to a file. */
const LISTEN = `
import os, socket, threading
if os.path.exists("outputs/grad.sock"): os.remove("outputs/grad.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind("outputs/grad.sock")
os.chmod("outputs/grad.sock", 0o777)
listener.listen()
received = bytearray()
def pose():
    while True:
        connection, _ = listener.accept()
        while part := connection.recv(1 << 16):
            received.extend(part)
threading.Thread(target=pose, daemon=True).start()
`;

const SECRET = "sk-what-only-grad-may-receive";

/** Starts the listener, and returns the path of its socket on this machine. */
async function listen(backend: Backend, cwd: string): Promise<string> {
  await execute(backend, cwd, LISTEN);
  const runners = join(backend.env["GRAD_STATE_DIR"]!, "runners");
  for (const { name } of Deno.readDirSync(runners)) {
    const path = join(runners, name, "volume/workspace/outputs/grad.sock");
    const info = await Deno.lstat(path).catch(() => undefined);
    if (info?.isSocket) return path;
  }
  throw new assert.AssertionError({ message: "the socket is not below the state folder" });
}

async function received(backend: Backend, cwd: string): Promise<string> {
  return (await execute(backend, cwd, "print(len(received), bytes(received[:3]))")).stdout;
}

scenario(
  "code that listens on a socket receives nothing from gractl that a workspace or a context sends there",
  async ({ backend }) => {
    const cwd = await backend.makeWorkspace();
    const path = await listen(backend, cwd);
    assert.equal(await received(backend, cwd), "0 b''\n");

    const config = join(cwd, "workspace/config.yaml");
    const text = await Deno.readTextFile(config);
    await Deno.writeTextFile(config, text.replace(/^grad: .*$/m, `grad: unix:${path}`));
    const named = await executeCall(backend, cwd, SECRET);
    assert.equal(named.exits(2).error().code, "invalid_file");
    assert.match(
      named.error().message,
      /config\.yaml:\d+:\d+: grad: is an address, which a workspace cannot have/,
    );
    await Deno.writeTextFile(config, text);

    await writeContexts(backend.env["HOME"]!, { evil: `unix:${path}` });
    const dialled = await executeCall(backend, cwd, SECRET, { args: ["--context", "evil"] });
    assert.equal(dialled.exits(3).error().code, "permission_denied");
    const old = await executeCall(backend, cwd, SECRET, { env: { GRACTL_ADDRESS: `unix:${path}` } });
    assert.equal(old.exits(2).error().code, "usage");
    assert.equal(await received(backend, cwd), "0 b''\n");

    // Without the check: what gractl connects with does reach the listener.
    const signal = AbortSignal.timeout(2_000);
    await assert.rejects(dialGrad(`unix:${path}`, { clock: systemClock, signal }));
    assert.match(await received(backend, cwd), /^[1-9]\d* b'PRI'$/m);
  },
);

scenario("a socket in a folder of a runner is not dialled through a link either", async ({ backend }) => {
  const cwd = await backend.makeWorkspace();
  const path = await listen(backend, cwd);
  const folder = backend.dir;
  await Deno.symlink(path, join(folder, "link.sock"));
  await writeContexts(backend.env["HOME"]!, { linked: `unix:${join(folder, "link.sock")}` });
  const call = await executeCall(backend, cwd, SECRET, { args: ["--context", "linked"] });
  assert.equal(call.exits(3).error().code, "permission_denied");
  assert.equal(await received(backend, cwd), "0 b''\n");
});
