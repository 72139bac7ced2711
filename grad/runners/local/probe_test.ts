import assert from "node:assert/strict";
import { systemProcesses } from "../../../shared/process.ts";
import { namespaceArgv } from "./plan.ts";
import { probeSandbox, remedy } from "./probe.ts";

const start = namespaceArgv(Deno.uid() === 0);

Deno.test("probeSandbox() is content where a sandbox starts", async () => {
  await probeSandbox(systemProcesses, { start, path: Deno.env.get("PATH") ?? "" });
});

Deno.test("probeSandbox() says what is missing and the way round", async () => {
  const path = await Deno.makeTempDir();
  for (const name of ["unshare", "sh"]) await Deno.symlink(`/usr/bin/${name}`, `${path}/${name}`);
  const refused = probeSandbox(systemProcesses, { start, path });
  await assert.rejects(refused, {
    code: "sandbox_unavailable",
    message: /bwrap/,
    hint: /bubblewrap.*--unsafe-no-sandbox/,
  });
  await Deno.remove(path, { recursive: true });
});

Deno.test("probeSandbox() says why root cannot start as another user, which is not the sandbox's fault", async () => {
  const stderr =
    '{"event": "root.not_dropped", "uid": 30000, "error": "Permission denied", "code": "EACCES", ' +
    '"path": "/root/venv"}\n';
  const run = () => Promise.resolve({ exitCode: 1, stdout: "", stderr });
  await assert.rejects(probeSandbox({ run }, { start, path: "" }), {
    code: "runner_failed",
    message: /user 30000.*: Permission denied: \/root\/venv/,
    hint: /chmod a\+rX/,
  });
});

for (
  const [said, want] of [
    ["unshare: unshare failed: Operation not permitted", /User namespaces/],
    ["bwrap: setting up uid map: Permission denied", /User namespaces/],
    ["unshare: failed to execute bwrap: No such file or directory", /Install bubblewrap/],
    ["something else", /doctor/],
  ] as const
) {
  Deno.test(`remedy() of "${said}"`, () => assert.match(remedy(said), want));
}
