/** `grad_runner.init.drop_root` on this machine. Only root has rights to drop: as a plain user there is nothing to test. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { runnerPython } from "../../../shared/local_paths.ts";
import { systemProcesses } from "../../../shared/process.ts";
import { findPython } from "./python.ts";
import { refusalOf, trialArgv } from "./start_argv.ts";

const UID = 2_147_352_575;
const PATH = Deno.env.get("PATH") ?? "/usr/bin:/bin";

/** Runs a shell script as the runner's user, who needs `reach`; `dir` is a folder that is closed to that user. */
async function asRunner(dir: string, reach: readonly string[], script: string) {
  const python = await findPython(runnerPython(Deno.env.toObject()));
  const argv = trialArgv({ python, uid: UID, scratch: dir }).map((part) => {
    if (!part.startsWith("{")) return part;
    const setup = JSON.parse(part);
    return JSON.stringify({ ...setup, reach: [...setup.reach, ...reach] });
  });
  return await systemProcesses.run([...argv, "sh", "-c", script], { env: { PATH } });
}

function rootTest(name: string, body: (dir: string) => Promise<void>): void {
  if (Deno.uid() !== 0) return;
  Deno.test(name, async () => {
    const dir = await Deno.makeTempDir(); // 0700
    try {
      await body(dir);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}

rootTest("drop_root shows what is needed under its own name, and nothing beside it", async (dir) => {
  for (const name of ["real/needed", "real/beside"]) {
    await Deno.mkdir(join(dir, name), { recursive: true });
    await Deno.writeTextFile(join(dir, name, "file"), name);
  }
  await Deno.symlink("real", join(dir, "short"));
  const script =
    `cat ${dir}/short/needed/file; cat ${dir}/real/beside/file; ls ${dir}; umount ${dir}; echo x >${dir}/new`;
  const { stdout, stderr } = await asRunner(dir, [join(dir, "short/needed")], script);
  assert.equal(stdout, "real/needed");
  assert.match(stderr, /beside\/file: No such file/);
  assert.match(stderr, /cannot open directory .*Permission denied/);
  assert.match(stderr, /umount: /);
  assert.match(stderr, /cannot create .*Permission denied/);
  const table = await Deno.readTextFile("/proc/self/mountinfo");
  assert.ok(!table.includes(dir), "the machine's mounts have changed");
});

rootTest("drop_root refuses to start where the user may not enter what it needs", async (dir) => {
  await Deno.mkdir(join(dir, "closed"), { mode: 0o700 });
  const { exitCode, stderr } = await asRunner(dir, [join(dir, "closed")], "echo started");
  assert.equal(exitCode, 1);
  assert.match(refusalOf(stderr)?.message ?? stderr, /Permission denied: .*\/closed$/);
});

rootTest("drop_root leaves no right of root's", async (dir) => {
  const script =
    "cat /proc/self/status /proc/self/uid_map; test -w /proc/sys/kernel/core_pattern && echo settings";
  const { stdout } = await asRunner(dir, [], script);
  assert.match(stdout, /^NoNewPrivs:\t1$/m);
  assert.match(stdout, /^Groups:\s*$/m);
  assert.match(stdout, new RegExp(`^\\s+0\\s+${UID}\\s+1$`, "m"));
  assert.ok(!stdout.includes("settings"));
});

rootTest("drop_root opens /dev/fuse to the user, and leaves the machine's as it is", async (dir) => {
  const rights = async () => (await systemProcesses.run(["stat", "-c", "%a %u %i", "/dev/fuse"])).stdout;
  const before = await rights();
  const { stdout } = await asRunner(dir, [], "test -r /dev/fuse && test -w /dev/fuse && echo open");
  assert.equal(stdout, "open\n");
  assert.equal(await rights(), before);
});
