import assert from "node:assert/strict";
import { assertGolden } from "../../../shared/testing/golden.ts";
import { type Sandbox, sandboxArgv } from "./sandbox_argv.ts";

const SANDBOX: Sandbox = {
  workspace: "/s/volume/workspace",
  data: "/s/volume/workspace/data",
  kernel: "/r/kernel",
  spill: "/s/volume/spill",
  tmpfsBytes: 100_663_296,
  venv: "/c/venv",
  basePrefix: "/usr",
  accounts: "/s/etc",
  closedFiles: ["/proc/keys"],
  network: "none",
  env: { HOME: "/tmp/home", PATH: "/usr/bin" },
};

/** One option with its values a line. */
function readable(argv: readonly string[]): string {
  return argv.reduce((text, part) => text + (part.startsWith("--") ? `\n${part}` : ` ${part}`), "")
    .trimStart() + "\n";
}

Deno.test("sandboxArgv() shows user code its workspace and nothing else", async () => {
  const file = new URL("testdata/sandbox.txt", import.meta.url);
  await assertGolden(readable(["bwrap", ...sandboxArgv(SANDBOX).slice(1)]), file);
});

Deno.test("sandboxArgv() adds the network and what programs read to use it", async () => {
  const file = new URL("testdata/sandbox_network.txt", import.meta.url);
  await assertGolden(readable(sandboxArgv({ ...SANDBOX, network: "full" })), file);
});

Deno.test("sandboxArgv() shows an interpreter that is not below /usr at its own place", () => {
  const text = sandboxArgv({ ...SANDBOX, basePrefix: "/opt/python3.11" }).join(" ");
  assert.match(text, /--ro-bind \/opt\/python3\.11 \/opt\/python3\.11/);
});
