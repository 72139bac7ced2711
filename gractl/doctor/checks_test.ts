import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import type { DatasetFile } from "../workspace/dataset_file.ts";
import { perform } from "./check.ts";
import { machineChecks } from "./machine_checks.ts";
import { workspaceChecks } from "./workspace_checks.ts";

Deno.test("perform() tells what is wrong and goes on", async () => {
  const failing = await perform({
    name: "x",
    look: () =>
      Promise.reject(new GradError("credentials_not_found", "Cannot find keys", { hint: "Log in." })),
  });
  assert.deepEqual(failing, { name: "x", ok: false, message: "Cannot find keys", hint: "Log in." });
  assert.equal((await perform({ name: "y", look: () => Promise.reject(new Error("boom")) })).message, "boom");
  assert.equal((await perform({ name: "z", look: () => Promise.resolve("fine") })).ok, true);
});

const signal = new AbortController().signal;

/** What the checks of a machine find when these programs fail. */
async function failures(broken: RegExp, uid: number) {
  const run = (argv: readonly string[]) => {
    const bad = broken.test(argv.join(" "));
    return Promise.resolve({
      exitCode: bad ? 1 : 0,
      stdout: bad ? "" : "1.0\n",
      stderr: bad ? "not permitted\n" : "",
    });
  };
  const checks = machineChecks({ processes: { run }, env: { HOME: "/h" }, uid, signal });
  const findings = await Promise.all(checks.map(perform));
  return findings.filter(({ ok }) => !ok);
}

Deno.test("machineChecks() find nothing on a machine that is in order", async () => {
  assert.deepEqual(await failures(/^$/, 0), []);
});

const broken: [name: string, program: RegExp, hint: RegExp][] = [
  ["python", /^\/h\/\.cache\/grad\/venv\/bin\/python /, /GRAD_RUNNER_PYTHON/],
  ["sandbox", /^bwrap --unshare-all/, /--unsafe-no-sandbox/],
  ["namespaces", /^unshare --user --map-root-user/, /user namespaces/],
  ["s3fs", /^s3fs/, /apt install s3fs/],
  ["fuse", /\/dev\/fuse/, /modprobe fuse/],
];
for (const [name, program, hint] of broken) {
  Deno.test(`machineChecks() tell when ${name} is not in order`, async () => {
    const [failure, ...others] = await failures(program, 1000);
    assert.equal(failure?.name, name);
    assert.match(failure.message, /not permitted/);
    assert.match(failure.hint, hint);
    assert.deepEqual(others, []);
  });
}

Deno.test("workspaceChecks() look at every dataset's keys", async () => {
  const dataset = (name: string): DatasetFile => ({
    file: `/w/datasets/${name}.yaml`,
    name,
    description: "",
    access: "read-only",
    source: { type: "directory", path: "/d" },
  });
  const clock = fakeClock(0);
  const checks = await workspaceChecks({
    workspace: () =>
      Promise.resolve({
        dir: "/w",
        id: "ws-abcdefgh12345678",
        grad: "local",
        runner: "runner-1",
        session: "default",
      }),
    datasets: () => Promise.resolve(["free", "forever", "soon", "old", "bad"].map(dataset)),
    keys: ({ name }) => {
      if (name === "bad") return Promise.reject(new GradError("credentials_not_found", "Cannot find them"));
      const expires = { free: undefined, forever: 0, soon: 3_600, old: -1 }[name];
      return Promise.resolve(expires === undefined ? undefined : { expiresAtSeconds: expires });
    },
    clock,
  });
  const findings = await Promise.all(checks.map(perform));
  assert.deepEqual(findings.map(({ ok, message }) => [ok, message]), [
    [true, "/w"],
    [true, "free, forever, soon, old, bad"],
    [true, "none needed"],
    [true, "found"],
    [true, "found, good for 1 h 00 m"],
    [false, "Found, but they expired 1.0 s ago"],
    [false, "Cannot find them"],
  ]);
});

Deno.test("workspaceChecks() end at a workspace that is not there", async () => {
  const checks = await workspaceChecks({
    workspace: () => Promise.reject(new GradError("workspace_not_found", "None")),
    datasets: () => Promise.resolve([]),
    keys: () => Promise.resolve(undefined),
    clock: fakeClock(),
  });
  assert.deepEqual((await Promise.all(checks.map(perform))).map(({ ok }) => ok), [false]);
});
