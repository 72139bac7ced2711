import assert from "node:assert/strict";
import { emptyCoreFiles, forbidCoreFiles } from "./core_files.ts";
import { systemProcesses } from "./process.ts";

async function coreLimits(pid: number): Promise<string> {
  return /^Max core file size +(\S+) +(\S+)/m.exec(await Deno.readTextFile(`/proc/${pid}/limits`))!.slice(1)
    .join(" ");
}

Deno.test("forbidCoreFiles() sets both limits of a running process", async () => {
  const child = new Deno.Command("sleep", { args: ["60"] }).spawn();
  try {
    assert.equal(await forbidCoreFiles(systemProcesses, child.pid), true);
    assert.equal(await coreLimits(child.pid), "0 0");
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
});

Deno.test("emptyCoreFiles() holds for the process and for what it starts", async () => {
  const filter = () => Deno.readTextFileSync("/proc/self/coredump_filter");
  const before = filter();
  try {
    assert.equal(emptyCoreFiles(), true);
    assert.match(filter(), /^0+\n$/);
    const { stdout } = await new Deno.Command("cat", { args: ["/proc/self/coredump_filter"] }).output();
    assert.match(new TextDecoder().decode(stdout), /^0+\n$/);
  } finally {
    Deno.writeTextFileSync("/proc/self/coredump_filter", `0x${before.trim()}`);
  }
});

Deno.test("forbidCoreFiles() says when it could not", async () => {
  const run = () => Promise.resolve({ exitCode: 127, stdout: "", stderr: "not found" });
  assert.equal(await forbidCoreFiles({ run }, 1), false);
});

Deno.test("startDetached() starts programs that write no core files", async () => {
  const log = await Deno.makeTempFile();
  const env = { PATH: Deno.env.get("PATH") ?? "" };
  await systemProcesses.startDetached(["grep", "core file", "/proc/self/limits"], { log, env });
  try {
    let text = "";
    while (!text.includes("\n")) text = await Deno.readTextFile(log);
    assert.match(text, /^Max core file size +0 +0 /);
  } finally {
    await Deno.remove(log);
  }
});
