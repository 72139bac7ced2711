import assert from "node:assert/strict";
import { GRAD_STATUS } from "../testing/examples.ts";
import { runCommand } from "./testing/run_command.ts";

Deno.test("grad start passes --unsafe-no-sandbox on, and warns where grad runs already", async () => {
  const asked: boolean[] = [];
  const localGrad = (started: boolean) => ({
    start({ unsafeNoSandbox }: { unsafeNoSandbox: boolean }) {
      asked.push(unsafeNoSandbox);
      return Promise.resolve({ ...GRAD_STATUS, started });
    },
  });
  const fresh = await runCommand(["grad", "start", "--unsafe-no-sandbox"], { localGrad: localGrad(true) });
  assert.deepEqual([fresh.exit, fresh.stderr], [0, ""]);
  const again = await runCommand(["grad", "start", "--unsafe-no-sandbox"], { localGrad: localGrad(false) });
  assert.match(again.stderr, /--unsafe-no-sandbox takes effect after `gractl grad stop`/);
  await runCommand(["grad", "start"], { localGrad: localGrad(true) });
  assert.deepEqual(asked, [true, true, false]);
});

Deno.test("grad stop and grad status say that no grad runs", async () => {
  const { info: _, pid: __, ...known } = GRAD_STATUS;
  const localGrad = {
    stop: () => Promise.resolve({ stopped: false }),
    status: () => Promise.resolve({ ...known, running: false, pid: undefined, info: undefined }),
  };
  assert.match((await runCommand(["grad", "stop"], { localGrad })).stdout, /was not running/);
  const status = (await runCommand(["grad", "status"], { localGrad, format: "json" })).json();
  assert.deepEqual([status["running"], status["pid"], status["version"]], [false, null, null]);
});
