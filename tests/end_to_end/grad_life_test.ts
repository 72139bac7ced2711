import assert from "node:assert/strict";
import { appendLine, execute, executeCall } from "../support/execution_document.ts";
import { eventually, pause } from "../support/process.ts";
import { suite } from "../support/suite.ts";
import { removeDataset, writeS3Dataset } from "../support/workspace_files.ts";

const scenario = suite();

scenario("grad status, stop and start; stopping touches no runner", async (world) => {
  const { backend } = world;
  const cwd = await world.workspace();
  const grad = (verb: string) => backend.gractl(["grad", verb, "-o", "json"], { cwd });
  await execute(backend, cwd, "kept = 11");
  const status = (await grad("status")).exits(0).json();
  assert.equal(status.kind, "GradStatus");
  const agent = await backend.component(cwd, "agent");
  assert.ok(agent !== undefined);

  (await grad("stop")).exits(0);
  assert.equal(backend.grad(), undefined);
  (await grad("stop")).exits(0);
  (await grad("start")).exits(0);
  assert.ok(backend.grad() !== undefined);
  const pid = backend.grad()?.pid;
  (await grad("start")).exits(0);
  assert.equal(backend.grad()?.pid, pid, "a second start is none");
  assert.equal((await execute(backend, cwd, "print(kept)")).stdout, "11\n");
  assert.equal((await backend.component(cwd, "agent"))?.id, agent.id);
}, { only: "local" }); // a cluster's grad is ended by its operators

scenario("a killed grad comes back by itself and finds runner, session and execution", async (world) => {
  const { backend } = world;
  const cwd = await world.workspace();
  const before = await execute(backend, cwd, "kept = 12; print('before')");
  const runner = (await backend.gractl(["runner", "get", "runner-1", "-o", "json"], { cwd })).exits(0).json();
  await backend.killGrad();
  const after = await backend.gractl(["runner", "get", "runner-1", "-o", "json"], { cwd });
  assert.equal(after.exits(0).json().id, runner.id);
  assert.equal(after.json().phase, "ready");
  const session = await backend.gractl(["session", "get", "default", "-o", "json"], { cwd });
  assert.equal(session.exits(0).json().generation, 1);
  const attached = await backend.gractl(["execution", "attach", before.id, "-o", "json"], { cwd });
  assert.equal(attached.exits(0).json().stdout, "before\n");
  assert.equal((await execute(backend, cwd, "print(kept)")).stdout, "12\n");
});

scenario(
  "a call whose grad is killed in the middle still ends right, and the code ran once",
  async (world) => {
    const { backend } = world;
    const cwd = await world.workspace();
    for (const [at, seen] of [/^0$/m, /^2$/m].entries()) {
      const file = `outputs/once-${at}.txt`;
      const code = `${
        appendLine(file, "ran")
      }import time\nfor i in range(6): print(i, flush=True); time.sleep(0.5)`;
      const running = backend.start(["execute-code", "--code", code], { cwd });
      await running.saw(seen);
      await backend.killGrad();
      const ended = await running.ended;
      assert.equal(ended.code, 0, `${ended.stdout}${ended.stderr}`);
      assert.match(ended.stdout, /^0\n1\n2\n3\n4\n5\nfile: \S+\/once-\d\.txt \(4 B\)\n$/);
      const count = await execute(backend, cwd, `print(open('${file}').read().count('ran'))`);
      assert.equal(count.stdout, "1\n");
    }
  },
);

scenario(
  "a grad killed while a call is on its way runs the code once, or not at all and says so",
  async (world) => {
    const { backend } = world;
    const cwd = await world.workspace();
    await execute(backend, cwd, "1");
    const code = `${appendLine("outputs/early.txt", "ran")}print('answered')`;
    let answered = 0;
    for (const waitMs of [50, 150, 250]) {
      const running = backend.start(["execute-code", "-o", "json", "--code", code], { cwd });
      await pause(waitMs);
      const runs = backend.name !== "local" || backend.grad() !== undefined;
      if (runs) await backend.killGrad();
      const ended = await running.ended;
      const document = JSON.parse(ended.stdout);
      if (ended.code === 0) {
        answered++;
        assert.equal(document.stdout, "answered\n");
      } else {
        // It was the grad that this very call was starting.
        assert.equal(backend.name, "local", ended.stdout);
        assert.deepEqual([ended.code, document.error.code], [3, "grad_unavailable"], ended.stdout);
      }
    }
    assert.ok(answered > 0);
    const count = await execute(backend, cwd, "print(open('outputs/early.txt').read().count('ran'))");
    assert.equal(count.stdout, `${answered}\n`);
  },
);

scenario("a grad that is stopped while calls wait for output leaves them to the next grad", async (world) => {
  const { backend } = world;
  const cwd = await world.workspace();
  const code = "import time\nfor i in range(8): print(i, flush=True); time.sleep(0.5)";
  const calls = ["x", "y"].map((session) =>
    backend.start(["execute-code", "--session", session, "--code", code], { cwd })
  );
  for (const call of calls) await call.saw(/^1$/m);
  await backend.stopGrad();
  for (const call of calls) {
    const ended = await call.ended;
    assert.equal(ended.signal, null);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.stdout, "0\n1\n2\n3\n4\n5\n6\n7\n");
  }
});

scenario("an agent killed in the middle of an execution loses and doubles nothing", async (world) => {
  const { backend } = world;
  const cwd = await world.workspace();
  const code = "import time\nfor i in range(300): print(i, flush=True); time.sleep(0.01)";
  const running = backend.start(["execute-code", "--code", code], { cwd });
  await running.saw(/^50$/m);
  await (await backend.component(cwd, "agent"))?.kill();
  const ended = await running.ended;
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(ended.stdout, Array.from({ length: 300 }, (_, i) => `${i}\n`).join(""));
});

scenario(
  "a runner whose processes were killed comes up again over the same files, and says so",
  async (world) => {
    const { backend, s3 } = world;
    const cwd = await world.workspace();
    // With a dataset grad asks the data component first, whose socket is gone then.
    const place = { endpoint: s3.server.endpoint, bucket: s3.bucket, prefix: "airlines" };
    await writeS3Dataset(backend, cwd, { name: "airlines", ...place });
    const { env } = s3;
    await execute(backend, cwd, "lost = 1; open('outputs/file.txt', 'w').write('kept')", { env });
    await backend.killRunner(cwd);
    const code =
      "import os; print(open('outputs/file.txt').read(), os.listdir('data/airlines'), 'lost' in globals())";
    assert.equal(
      (await execute(backend, cwd, code, { env })).stdout,
      "kept ['airlines.parquet'] False\n",
    );
    removeDataset(cwd, "airlines");
    const session = await backend.gractl(["session", "get", "default", "-o", "json"], { cwd });
    assert.equal(session.exits(0).json().previousEnd, "lost");
  },
);

scenario("an execution that is lost with its runner is told as lost", async (world) => {
  const { backend } = world;
  const cwd = await world.workspace();
  const args = ["--detach", "--session", "doomed"];
  const { id } = (await executeCall(backend, cwd, "import time; time.sleep(60)", { args })).exits(0).json();
  await eventually("the code runs", async () => {
    const get = await backend.gractl(["execution", "get", id, "-o", "json"], { cwd });
    return get.json().status === "running" ? true : undefined;
  });
  await backend.killRunner(cwd);
  await execute(backend, cwd, "1"); // makes the components again
  const call = await backend.gractl(["execution", "attach", id, "-o", "json"], { cwd });
  assert.equal(call.exits(5).json().status, "lost");
  assert.equal(call.json().error.code, "execution_lost");
});

scenario("two calls at once that find no grad start one", async (world) => {
  const { backend } = world;
  const cwd = await world.workspace();
  (await backend.gractl(["grad", "stop"])).exits(0);
  const sessions = ["s1", "s2", "s3"];
  const got = await Promise.all(
    sessions.map((session) => execute(backend, cwd, "print('ok')", { args: ["--session", session] })),
  );
  assert.deepEqual(got.map((each) => each.stdout), ["ok\n", "ok\n", "ok\n"]);
  const grads = backend.processes().filter((info) => /(main\.ts|grad|grad\.js) serve/.test(info.argv));
  assert.equal(new Set(grads.map((info) => info.parent)).size, 1, grads.map((info) => info.argv).join("\n"));
}, { only: "local" }); // gractl starts no grad of a cluster

scenario("version, doctor and completion answer, with documents for programs", async (world) => {
  const { backend } = world;
  const cwd = await world.workspace();
  const version = (await backend.gractl(["version", "-o", "json"], { cwd })).exits(0).json();
  assert.equal(version.kind, "Version");
  assert.match(JSON.stringify(version), /\d+\.\d+\.\d+/);
  const doctor = (await backend.gractl(["doctor", "-o", "json"], { cwd })).exits(0).json();
  assert.equal(doctor.kind, "Doctor");
  const script = (await backend.gractl(["completion", "bash"], { cwd })).exits(0);
  assert.match(script.stdout, /gractl/);
  const help = (await backend.gractl(["--help"], { cwd })).exits(0);
  for (
    const command of [
      "workspace",
      "dataset",
      "execute-code",
      "execution",
      "session",
      "runner",
      "file",
      "grad",
    ]
  ) {
    assert.match(help.stdout, new RegExp(`^ +${command}\\b`, "m"), command);
  }
});
