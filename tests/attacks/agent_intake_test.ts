import assert from "node:assert/strict";
import { runnerPython } from "../../shared/local_paths.ts";
import { execute } from "../support/execution_document.ts";
import { run } from "../support/process.ts";
import { suite, type World } from "../support/suite.ts";

const scenario = suite();

const MIB = 2 ** 20;
const MAX_PEAK_BYTES = 400 * MIB;

/** Writes one message of many frames of 1 MiB on connections of a ZeroMQ socket: each frame is allowed, the message is not. */
const FLOOD = `
import os, socket, stat
def flood(connection, mib):
    part = bytes((3,)) + (1 << 20).to_bytes(8, "big") + bytes(1 << 20)
    connection.setblocking(True)
    for _ in range(mib): connection.sendall(part)
    connection.sendall(bytes((0, 1, 0)))
`;

/** A client of libzmq that bounds frames to 2 MiB, as the agent was. Prints by how many MiB one message makes it grow. */
const LIBZMQ = `${FLOOD}
import tempfile, threading, zmq
def grown(): return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) >> 10
removed_at_the_end = tempfile.TemporaryDirectory()
folder = removed_at_the_end.name
listener = socket.socket(socket.AF_UNIX); listener.bind(folder + "/z"); listener.listen()
client = zmq.Context().socket(zmq.DEALER)
client.setsockopt(zmq.MAXMSGSIZE, 2 << 20)
client.connect("ipc://" + folder + "/z")
peer, _ = listener.accept()
ready = b"\\x05READY\\x0bSocket-Type\\x00\\x00\\x00\\x06ROUTER\\x08Identity\\x00\\x00\\x00\\x00"
peer.sendall(b"\\xff" + bytes(8) + b"\\x7f\\x03\\x00" + b"NULL".ljust(20, b"\\0") + bytes(32))
peer.recv(64)
peer.sendall(bytes((4, len(ready))) + ready)
before = grown()
threading.Thread(target=flood, args=(peer, 200)).start()
client.recv()
print(grown() - before)
`;

async function agentStaysSmall(world: World, id: string): Promise<void> {
  const cwd = await world.workspace();
  const agent = await world.backend.component(cwd, "agent");
  assert.equal(agent?.id, id, "the agent is another one");
  const peak = agent.peakMemoryBytes;
  assert.ok(peak > MIB && peak < MAX_PEAK_BYTES, `the agent took ${peak >> 20} MiB`);
  assert.equal(
    (await execute(world.backend, cwd, "print(safe)", { args: ["--session", "other"] })).stdout,
    "1\n",
  );
}

async function agentId(world: World): Promise<string> {
  const cwd = await world.workspace();
  await execute(world.backend, cwd, "safe = 1", { args: ["--session", "other"] });
  const agent = await world.backend.component(cwd, "agent");
  assert.ok(agent !== undefined);
  return agent.id;
}

scenario("one message of a thousand frames does not fill the agent", async (world) => {
  const unprotected = await run([runnerPython(Deno.env.toObject()), "-c", LIBZMQ], {
    env: world.backend.env,
    cwd: world.backend.dir,
  });
  assert.ok(
    Number(unprotected.stdout) >= 190,
    `libzmq held ${unprotected.stdout} MiB\n${unprotected.stderr}`,
  );

  const id = await agentId(world);
  const cwd = await world.workspace();
  const code = `${FLOOD}
for fd in map(int, os.listdir("/proc/self/fd")):
    try:
        if not stat.S_ISSOCK(os.fstat(fd).st_mode): continue
        one = socket.socket(fileno=os.dup(fd))
        listens = one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        if one.family == socket.AF_UNIX and one.getsockname().endswith("/z-1") and not listens: flood(one, 1000)
    except OSError: pass
import time
time.sleep(1e6)
`;
  const got = await execute(world.backend, cwd, code, { args: ["--session", "flood"], exit: 5 });
  assert.equal(got.status, "crashed");
  assert.match(got.error!.message, /a reply is larger than/);
  await agentStaysSmall(world, id);
});

scenario("records of the spool of any length do not fill the agent", async (world) => {
  const id = await agentId(world);
  const cwd = await world.workspace();
  const write = (record: string) => `
import os, struct, time, zlib
for fd in os.listdir("/proc/self/fd"):
    try: path = os.readlink("/proc/self/fd/" + fd)
    except OSError: continue
    if path.endswith("/spool"): break
${record}
os.write(int(fd), struct.pack("<II", length, zlib.crc32(payload)) + payload)
time.sleep(1e6)
`;
  // 600 MiB were announced, and 16 MiB of empty lists would be more than a gigabyte of objects: both were taken before.
  const huge = "payload = bytes(1 << 20); length = 600 << 20";
  const ended = await execute(world.backend, cwd, write(huge), { args: ["--session", "huge"], exit: 5 });
  assert.match(ended.error!.message, /invalid length/);
  await agentStaysSmall(world, id);

  const code = "display({'application/json': [[]] * 4_000_000}, raw=True)\nprint('goes on')";
  const costly = await execute(world.backend, cwd, code, { args: ["--session", "costly"] });
  assert.equal(costly.stdout, "goes on\n");
  assert.equal(costly.truncated.results, true);
  await agentStaysSmall(world, id);
});

scenario("output, exceptions and file names of any length do not fill the agent", async (world) => {
  const id = await agentId(world);
  const cwd = await world.workspace();
  const args = ["--session", "long"];
  const hole = await execute(world.backend, cwd, "import os; os.ftruncate(1, 900 << 20); print('end')", {
    args,
  });
  assert.equal(hole.truncated.stdout, true);
  assert.match(hole.stdout, /end\n$/);
  assert.deepEqual(hole.artifacts, [], "the hole was copied to a file");
  // The large file is in the kernel's folder, which is deleted with it.
  (await world.backend.gractl(["session", "reset", "long", "-o", "json"], { cwd })).exits(0);
  const lines = await execute(world.backend, cwd, "raise ValueError('\\n' * (12 << 20))", { args, exit: 1 });
  assert.equal(lines.error!.name, "ValueError");

  // Ten thousand paths of thousands of bytes were an answer of tens of megabytes.
  const deep = `
import os
os.chdir("outputs")
for depth in range(30):
    os.mkdir("d" * 250); os.chdir("d" * 250)
for number in range(3000): open("f" * 240 + str(number), "w").close()
os.chdir("/workspace")
`;
  await execute(world.backend, cwd, deep, { args: [...args, "--no-artifacts"] });
  const list = await world.backend.gractl(["file", "list", "outputs", "--recursive", "-o", "json"], { cwd });
  assert.equal(list.exits(0).json().truncated, true);
  await agentStaysSmall(world, id);
});
