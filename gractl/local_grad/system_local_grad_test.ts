import assert from "node:assert/strict";
import { join } from "node:path";
import { GradError } from "../../shared/errors.ts";
import type { Clock } from "../../shared/clock.ts";
import { readGradRecord, writeGradRecord } from "../../shared/grad_record.ts";
import { fakeGrad, INFO } from "../testing/fake_grad.ts";
import { systemLocalGrad } from "./system_local_grad.ts";

/** Time that passes by being waited for. */
function selfMovingClock(): Clock {
  let now = 0;
  return { now: () => now, sleep: (ms) => (now += ms, Promise.resolve()) };
}

type Behaviour = Readonly<{
  /** How many times it is called before it answers. */
  answersAfter?: number;
  /** How many times it is called before it ends. */
  endsAfter?: number;
  ignoresSigterm?: boolean;
  /** What dialling throws, instead of nobody being there. */
  refusal?: GradError;
}>;

/** A machine with a fake grad, process 4711, that writes its record as grad does. */
async function machine(initial: Behaviour) {
  const dir = await Deno.makeTempDir({ prefix: "gg-" });
  const socket = join(dir, "run", "grad.sock");
  const stateDir = join(dir, "state");
  const folders = { stateDir, defaultAddress: "unix:/default/grad.sock" };
  const started: string[][] = [];
  const killed: string[] = [];
  let behaviour = initial;
  let calls = 0;
  let alive = false;
  let starts = 0;
  /** What grad does when it starts. */
  async function startGrad(): Promise<void> {
    alive = true;
    calls = 0;
    await Deno.mkdir(join(dir, "run"), { recursive: true });
    await Deno.writeTextFile(socket, "");
    await Deno.mkdir(stateDir, { recursive: true });
    await writeGradRecord(stateDir, {
      socket,
      runtimeDir: join(dir, "run"),
      instance: INFO.instance,
      process: { pid: 4711, startTicks: "987" },
      version: "1.2.3",
      startedAt: "2026-01-02T03:04:05.000Z",
    });
  }
  const local = systemLocalGrad({
    folders,
    uid: Deno.uid()!,
    clock: selfMovingClock(),
    env: { KEPT: "1", AWS_SECRET_ACCESS_KEY: "s", GRACTL_TOKEN: "t" },
    locate: () => Promise.resolve(["/app/grad"]),
    processes: {
      run: (argv) => {
        const stdout = alive && argv[1] === "/proc/4711/stat" ? `4711 (a b) S ${"0 ".repeat(18)}987 0` : "";
        return Promise.resolve({ exitCode: 0, stdout, stderr: "" });
      },
      startDetached: async (argv, { log, env }) => {
        const { KEPT = "", GRAD_STATE_DIR = "", AWS_SECRET_ACCESS_KEY = "", GRACTL_TOKEN = "" } = env;
        started.push([...argv], [KEPT, GRAD_STATE_DIR, AWS_SECRET_ACCESS_KEY + GRACTL_TOKEN]);
        const failure = { event: "server.failed", error: "bubblewrap is missing" };
        await Deno.writeTextFile(log, `${JSON.stringify(failure)}\n`, { append: true });
        await startGrad();
        starts++;
        return 4711;
      },
    },
    kill(_, signal) {
      killed.push(signal);
      if (signal === "SIGKILL" || !behaviour.ignoresSigterm) alive = false;
    },
    dial(address) {
      assert.equal(address, `unix:${socket}`);
      if (behaviour.refusal !== undefined) return Promise.reject(behaviour.refusal);
      calls++;
      if (calls > (behaviour.endsAfter ?? Infinity)) alive = false;
      if (alive && calls > (behaviour.answersAfter ?? Infinity)) return Promise.resolve(fakeGrad());
      return Promise.reject(new GradError("grad_unavailable", "Nobody listens"));
    },
    onStarted: () => {},
  });
  return {
    local,
    stateDir,
    socket,
    started,
    killed,
    starts: () => starts,
    startGrad,
    behave: (next: Behaviour) => (behaviour = next),
    end: () => (alive = false),
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

const signal = new AbortController().signal;

Deno.test("LocalGrad.start() starts grad for the state folder, without keys, and waits until it answers", async () => {
  await using here = await machine({ answersAfter: 3 });
  const status = await here.local.start({ unsafeNoSandbox: false }, signal);
  assert.equal(status.started, true);
  assert.equal(status.pid, 4711);
  assert.equal(status.address, `unix:${here.socket}`);
  assert.deepEqual(here.started, [["/app/grad", "serve", "--backend", "local"], ["1", here.stateDir, ""]]);
});

Deno.test("LocalGrad.start() leaves a grad that runs", async () => {
  await using here = await machine({ answersAfter: 1 });
  await here.local.start({ unsafeNoSandbox: false }, signal);
  assert.equal((await here.local.start({ unsafeNoSandbox: false }, signal)).started, false);
  assert.equal(here.starts(), 1);
});

Deno.test("LocalGrad.start() starts one grad for two calls at once", async () => {
  await using here = await machine({ answersAfter: 2 });
  const start = () => here.local.start({ unsafeNoSandbox: false }, signal);
  const both = await Promise.all([start(), start()]);
  assert.deepEqual(both.map(({ started }) => started).sort(), [false, true]);
  assert.equal(here.starts(), 1);
});

Deno.test("LocalGrad.start() passes --unsafe-no-sandbox on", async () => {
  await using here = await machine({ answersAfter: 1 });
  await here.local.start({ unsafeNoSandbox: true }, signal);
  assert.equal(here.started[0]!.at(-1), "--unsafe-no-sandbox");
});

Deno.test("LocalGrad.start() reports the end of the log when grad ends", async () => {
  await using here = await machine({ endsAfter: 4 });
  await assert.rejects(here.local.start({ unsafeNoSandbox: false }, signal), {
    code: "grad_unavailable",
    message: "Cannot start grad: it ended by itself\nserver.failed: bubblewrap is missing",
    hint: /grad\.log/,
  });
});

Deno.test("LocalGrad.start() ends a grad that never answers", async () => {
  await using here = await machine({});
  await assert.rejects(here.local.start({ unsafeNoSandbox: false }, signal), {
    message: /did not answer in 20 s/,
  });
  assert.deepEqual(here.killed, ["SIGTERM"]);
});

Deno.test("LocalGrad.connect() starts grad when none runs", async () => {
  await using here = await machine({ answersAfter: 2 });
  await using client = await here.local.connect(signal);
  assert.equal(client.info.owner, "local");
  assert.equal(here.starts(), 1);
});

Deno.test("LocalGrad.stop() ends grad, also one that ignores SIGTERM", async () => {
  for (const ignoresSigterm of [false, true]) {
    await using here = await machine({ answersAfter: 1, ignoresSigterm });
    assert.deepEqual(await here.local.stop(signal), { stopped: false });
    await here.local.start({ unsafeNoSandbox: false }, signal);
    assert.deepEqual(await here.local.stop(signal), { stopped: true });
    assert.deepEqual(here.killed, ignoresSigterm ? ["SIGTERM", "SIGKILL"] : ["SIGTERM"]);
    assert.equal((await here.local.status(signal)).running, false);
  }
});

Deno.test("LocalGrad.status() has the address of the last grad, or where one would listen", async () => {
  await using here = await machine({ answersAfter: 0 });
  const address = async () => (await here.local.status(signal)).address;
  assert.equal(await address(), "unix:/default/grad.sock");
  await here.startGrad();
  assert.equal(await address(), `unix:${here.socket}`);
  here.end();
  const { running, pid } = await here.local.status(signal);
  assert.deepEqual([running, pid, await address()], [false, undefined, `unix:${here.socket}`]);
});

Deno.test("LocalGrad.start() waits for a grad that is starting, and for the end of one that is stopping", async () => {
  await using here = await machine({ answersAfter: 5 });
  await here.startGrad();
  assert.equal((await here.local.start({ unsafeNoSandbox: false }, signal)).started, false);
  await here.startGrad();
  here.behave({ endsAfter: 5, answersAfter: 100 });
  const starting = here.local.start({ unsafeNoSandbox: false }, signal);
  await assert.rejects(starting, { message: /it ended by itself/ });
  assert.deepEqual([here.starts(), here.killed], [1, []]);
});

Deno.test("LocalGrad.start() ends a grad whose socket was deleted, since nobody can reach it", async () => {
  await using here = await machine({});
  await here.startGrad();
  await Deno.remove(here.socket);
  await assert.rejects(here.local.start({ unsafeNoSandbox: false }, signal), { code: "grad_unavailable" });
  // The first by settling, the second because the new one of this test never answers.
  assert.deepEqual([here.killed, here.starts()], [["SIGTERM", "SIGTERM"], 1]);
});

Deno.test("LocalGrad refuses a socket that is not private while its grad runs, and not after its end", async () => {
  const refusal = new GradError("permission_denied", "Cannot use the grad: others can write to its folder");
  await using here = await machine({ answersAfter: 0, refusal });
  await here.startGrad();
  await assert.rejects(here.local.connect(signal), { code: "permission_denied" });
  here.end();
  assert.equal((await here.local.status(signal)).running, false);
});

Deno.test("LocalGrad takes a grad of another state folder at the recorded socket for none", async () => {
  await using here = await machine({ answersAfter: 0 });
  await here.startGrad();
  assert.equal((await here.local.status(signal)).running, true);
  const record = (await readGradRecord(here.stateDir, Deno.uid()!))!;
  await writeGradRecord(here.stateDir, { ...record, instance: "4711-of-before" });
  assert.equal((await here.local.status(signal)).running, false);
});
