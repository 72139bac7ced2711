import assert from "node:assert/strict";
import { runnerPaths } from "./paths.ts";
import { refusalOf, startArgv, trialArgv } from "./start_argv.ts";

const PYTHON = { interpreter: "/c/venv/bin/python", venv: "/c/venv", basePrefix: "/usr" };
const PATHS = runnerPaths({ state: "/s", runtime: "/r" }, "rabcdefghijkl");
const START = { python: PYTHON, scratch: PATHS.runtime };

Deno.test("startArgv() begins by closing grad's descriptors, or by dropping root's rights, which does so too", () => {
  assert.deepEqual(startArgv({ ...START, uid: undefined, paths: PATHS }).slice(0, 3), [
    PYTHON.interpreter,
    "-I",
    "-S",
  ]);
  const root = startArgv({ ...START, uid: 30_000, paths: PATHS });
  assert.deepEqual(root.slice(0, 4), [PYTHON.interpreter, "-P", "-m", "grad_runner.init.drop_root"]);
  assert.ok(!root.includes("--user"), "root has made the user namespace by then");
});

Deno.test("startArgv() gives the runner's user only what no file of grad's lies in", () => {
  const setup = JSON.parse(startArgv({ ...START, uid: 30_000, paths: PATHS })[4]!);
  assert.deepEqual(setup, {
    uid: 30_000,
    scratch: "/r/rabcdefghijkl",
    folders: ["/s/runners/rabcdefghijkl/volume", "/s/runners/rabcdefghijkl/cache", "/r/rabcdefghijkl"],
    files: ["data", "kernel", "agent"].map((name) => `/s/runners/rabcdefghijkl/logs/${name}.log`),
    reach: [
      ...["/c/venv", "/usr", "/c/venv/bin/python"],
      ...["/s/runners/rabcdefghijkl", "/s/runners/rabcdefghijkl/logs", "/r/rabcdefghijkl"],
    ],
    programs: ["bwrap", "s3fs", "unshare"],
  });
  for (const path of [PATHS.initPid, PATHS.log("init"), `${PATHS.accounts}/passwd`]) {
    assert.ok(!setup.folders.some((folder: string) => path.startsWith(`${folder}/`)), path);
    assert.ok(!setup.files.includes(path), path);
  }
});

Deno.test("trialArgv() touches no runner's folder", () => {
  assert.ok(trialArgv({ ...START, uid: undefined })[0] === "unshare");
  const setup = JSON.parse(trialArgv({ ...START, uid: 30_000 })[4]!);
  assert.deepEqual([setup.folders, setup.files, setup.reach.length], [[], [], 3]);
});

const event = (fields: Record<string, unknown>) =>
  `older\n${
    JSON.stringify({ level: "error", event: "root.not_dropped", uid: 30_000, ...fields }).replaceAll(
      '":',
      '": ',
    )
  }\n`;
for (
  const [code, path, hint] of [
    ["EACCES", "/root/venv", /chmod a\+rX/],
    ["EPERM", "/", /CAP_SYS_ADMIN/],
    ["ENOSPC", "user namespace", /max_user_namespaces/],
    ["EPERM", null, /max_user_namespaces/],
  ] as const
) {
  Deno.test(`refusalOf() ${code} at ${path} says what to do`, () => {
    const refusal = refusalOf(event({ error: "it failed", code, path }));
    assert.match(refusal!.message, /user 30000.*: it failed/);
    assert.match(refusal!.hint, hint);
    assert.match(refusal!.hint, /grad as yourself/);
  });
}

Deno.test("refusalOf() knows no other text", () =>
  assert.equal(refusalOf('{"event": "init.started"}\n'), undefined));
