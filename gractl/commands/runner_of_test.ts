import assert from "node:assert/strict";
import type { RunnerCalls, RunnerRef } from "../client/runners.ts";
import { exampleGrad, RUNNER } from "../testing/examples.ts";
import { tempWorkspace } from "../workspace/testing/temp_dir.ts";
import { runCommand } from "./testing/run_command.ts";

const OF = "system-serviceaccount-analysts-ann-0123456789/ws-0123456789abcdef";

/** A grad that keeps the runners that it was asked about. */
function asked() {
  const refs: RunnerRef[] = [];
  const keep = <T>(answer: T) => (ref: RunnerRef) => (refs.push(ref), Promise.resolve(answer));
  const runners: Partial<RunnerCalls> = {
    get: keep(RUNNER),
    destroy: keep(RUNNER),
    pause: keep(RUNNER),
    resume: keep({ runner: RUNNER, resumed: false }),
    logs: keep([]),
  };
  return { refs, client: exampleGrad({ runners }) };
}

for (const verb of ["get", "destroy", "pause", "resume", "logs"]) {
  Deno.test(`runner ${verb} --of names the runner of another owner, without a workspace`, async () => {
    const { refs, client } = asked();
    const cwd = await Deno.makeTempDir();
    try {
      const ran = await runCommand(["runner", verb, "runner-2", "--of", OF], { cwd, client });
      assert.equal(ran.exit, 0, ran.stderr);
    } finally {
      await Deno.remove(cwd, { recursive: true });
    }
    const [owner, workspaceId] = OF.split("/");
    assert.deepEqual(refs.at(-1), { owner, workspaceId, name: "runner-2" });
  });
}

Deno.test("runner get refuses an owner without a workspace", async () => {
  await using dir = await tempWorkspace();
  const { refs, client } = asked();
  const ran = await runCommand(["runner", "get", "runner-2", "--of", "ann"], { cwd: dir.path, client });
  assert.equal(ran.exit, 2);
  assert.match(ran.stderr, /Cannot read "ann" as the id of a workspace/);
  assert.deepEqual(refs, []);
});

Deno.test("runner list --all-owners shows whose each runner is, as --of takes it", async () => {
  await using dir = await tempWorkspace();
  const asked: unknown[] = [];
  const list: RunnerCalls["list"] = (options) => (asked.push(options), Promise.resolve([RUNNER]));
  const client = exampleGrad({ runners: { list } });
  const ran = await runCommand(["runner", "list", "--all-owners"], { cwd: dir.path, client });
  assert.equal(ran.exit, 0);
  assert.deepEqual(asked, [{ workspaceId: "", includeEnded: false, allOwners: true }]);
  const [heading = "", row = ""] = ran.stdout.split("\n");
  assert.match(heading, /^OWNER\/WORKSPACE\s+NAME\s/);
  assert.ok(row.startsWith(`${RUNNER.owner}/${RUNNER.ref.workspaceId} `), row);
});

Deno.test("runner destroy --of takes the id of a workspace of one's own", async () => {
  const { refs, client } = asked();
  const args = ["runner", "destroy", "runner-2", "--of", "ws-0123456789abcdef"];
  assert.equal((await runCommand(args, { client })).exit, 0);
  assert.deepEqual(refs, [{ workspaceId: "ws-0123456789abcdef", name: "runner-2" }]);
});

Deno.test("runner destroy asks on a terminal, and not with --yes or --force", async () => {
  await using dir = await tempWorkspace();
  const destroy = async (answer: string | undefined, ...more: string[]) => {
    const { refs, client } = asked();
    const circumstances = { cwd: dir.path, client, ...answer === undefined ? {} : { answer } };
    const ran = await runCommand(["runner", "destroy", "runner-2", ...more], circumstances);
    return [ran.exit, refs.length, /Destroy it\?/.test(ran.stderr)];
  };
  assert.deepEqual(await destroy("n"), [130, 0, true]);
  assert.deepEqual(await destroy(""), [130, 0, true]);
  assert.deepEqual(await destroy("y"), [0, 1, true]);
  assert.deepEqual(await destroy(undefined), [0, 1, false]);
  for (const option of ["--yes", "--force"]) assert.deepEqual(await destroy("n", option), [0, 1, false]);
});
