import assert from "node:assert/strict";
import { join } from "node:path";
import { GradError } from "../../shared/errors.ts";
import type { Clock } from "../../shared/clock.ts";
import { fakeGrad } from "../testing/fake_grad.ts";
import { foldersOf } from "./folders.ts";
import { systemLocalGrad } from "./system_local_grad.ts";

/** Time that passes by being waited for. */
function selfMovingClock(): Clock {
  let now = 0;
  return { now: () => now, sleep: (ms) => (now += ms, Promise.resolve()) };
}

/** A machine on which `grad` answers after so many looks, or ends, or does neither. */
async function machine(
  behaviour: { answersAfterLooks?: number; diesAfterLooks?: number; deafToTerm?: boolean },
) {
  const dir = await Deno.makeTempDir({ prefix: "gg-" });
  const folders = foldersOf({ GRAD_STATE_DIR: join(dir, "state"), GRAD_RUNTIME_DIR: join(dir, "run") }, {
    uid: Deno.uid()!,
    ownsXdgRuntimeDir: false,
  });
  const started: string[][] = [];
  const killed: string[] = [];
  let looks = 0;
  let alive = false;
  let starts = 0;
  const local = systemLocalGrad({
    folders,
    uid: Deno.uid()!,
    clock: selfMovingClock(),
    env: { KEPT: "1" },
    locate: () => Promise.resolve(["/app/grad"]),
    processes: {
      run: (argv) => {
        const stdout = alive && argv[1] === "/proc/4711/stat" ? `4711 (a b) S ${"0 ".repeat(18)}987 0` : "";
        return Promise.resolve({ exitCode: 0, stdout, stderr: "" });
      },
      startDetached: async (argv, { log, env }) => {
        started.push([...argv], [env["KEPT"] ?? "", env["GRAD_STATE_DIR"] ?? ""]);
        await Deno.writeTextFile(log, '{"event":"server.failed","error":"bubblewrap is missing"}\n', {
          append: true,
        });
        alive = true;
        looks = 0;
        starts++;
        return 4711;
      },
    },
    kill(_, signal) {
      killed.push(signal);
      if (signal === "SIGKILL" || !behaviour.deafToTerm) alive = false;
    },
    dial() {
      looks++;
      if (looks > (behaviour.diesAfterLooks ?? Infinity)) alive = false;
      if (alive && looks > (behaviour.answersAfterLooks ?? Infinity)) return Promise.resolve(fakeGrad());
      return Promise.reject(new GradError("grad_unavailable", "Nobody listens"));
    },
    onStarted: () => {},
  });
  return {
    local,
    folders,
    started,
    killed,
    starts: () => starts,
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

const signal = new AbortController().signal;

Deno.test("LocalGrad.start() starts grad with its folders and waits until it answers", async () => {
  await using here = await machine({ answersAfterLooks: 3 });
  const status = await here.local.start({ unsafeNoSandbox: false }, signal);
  assert.equal(status.started, true);
  assert.equal(status.pid, 4711);
  const address = `unix:${here.folders.socket}`;
  assert.deepEqual(here.started, [
    ["/app/grad", "serve", "--backend", "local", "--listen", address],
    ["1", here.folders.stateDir],
  ]);
});

Deno.test("LocalGrad.start() leaves one that runs", async () => {
  await using here = await machine({ answersAfterLooks: 1 });
  await here.local.start({ unsafeNoSandbox: false }, signal);
  assert.equal((await here.local.start({ unsafeNoSandbox: false }, signal)).started, false);
  assert.equal(here.starts(), 1);
});

Deno.test("LocalGrad.start() starts one for two that ask at once", async () => {
  await using here = await machine({ answersAfterLooks: 2 });
  const start = () => here.local.start({ unsafeNoSandbox: false }, signal);
  const both = await Promise.all([start(), start()]);
  assert.deepEqual(both.map(({ started }) => started).sort(), [false, true]);
  assert.equal(here.starts(), 1);
});

Deno.test("LocalGrad.start() passes --unsafe-no-sandbox on", async () => {
  await using here = await machine({ answersAfterLooks: 1 });
  await here.local.start({ unsafeNoSandbox: true }, signal);
  assert.equal(here.started[0]!.at(-1), "--unsafe-no-sandbox");
});

Deno.test("LocalGrad.start() tells the end of the log when grad ends", async () => {
  await using here = await machine({ diesAfterLooks: 4 });
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

Deno.test("LocalGrad.connect() starts it where it does not run", async () => {
  await using here = await machine({ answersAfterLooks: 2 });
  await using client = await here.local.connect(signal);
  assert.equal(client.info.owner, "local");
  assert.equal(here.starts(), 1);
});

Deno.test("LocalGrad.stop() ends it, also one that is deaf", async () => {
  for (const deafToTerm of [false, true]) {
    await using here = await machine({ answersAfterLooks: 1, deafToTerm });
    assert.deepEqual(await here.local.stop(signal), { stopped: false });
    await here.local.start({ unsafeNoSandbox: false }, signal);
    assert.deepEqual(await here.local.stop(signal), { stopped: true });
    assert.deepEqual(here.killed, deafToTerm ? ["SIGTERM", "SIGKILL"] : ["SIGTERM"]);
    assert.equal((await here.local.status(signal)).running, false);
  }
});

Deno.test("LocalGrad refuses a socket's folder that others may enter", async () => {
  await using here = await machine({ answersAfterLooks: 1 });
  await Deno.mkdir(here.folders.runtimeDir, { recursive: true });
  await Deno.chmod(here.folders.runtimeDir, 0o777);
  await assert.rejects(here.local.connect(signal), { code: "grad_unavailable", message: /others may enter/ });
  assert.equal(here.starts(), 0);
});
