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
