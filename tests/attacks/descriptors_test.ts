/**
 * Attack: code opens descriptors that processes of its sandbox have inherited, through /proc: the log of its component was one, which
 * it could read, empty and fill. And it fills the folder of its kernel's sockets, which was in the user's runtime folder.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { inBareSandbox } from "../support/bare_sandbox.ts";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

/** Prints, as JSON, the files that some process has open and code can open again, but for those that it sees anyway. */
const DESCRIPTORS = `
import json, os, stat
found, kinds = set(), set()
own = {os.stat(folder).st_dev for folder in ("/tmp", "/dev/shm")}  # file systems of the sandbox
for pid in filter(str.isdigit, os.listdir("/proc")):
    try: names = os.listdir(f"/proc/{pid}/fd")
    except OSError: continue
    for name in names:
        path = f"/proc/{pid}/fd/{name}"
        try:
            target, mode = os.readlink(path), os.stat(path).st_mode
            kinds.add(target.partition(":")[0] if ":" in target else "path")
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode): continue
            os.close(os.open(path, os.O_RDONLY))
        except OSError: continue
        try: visible = os.path.samestat(os.stat(target), os.stat(path))
        except OSError: visible = target.startswith("/memfd:") or os.stat(path).st_dev in own
        if not visible: found.add(target)
print(json.dumps([sorted(found), sorted(kinds)]))
`;

scenario("no process of the sandbox has a file of the machine open", async ({ backend, workspace }) => {
  const dir = join(backend.dir, "bare");
  // A shell that gives the sandbox a log, as grad did.
  const log = join(backend.dir, "component.log");
  const wrapper = ["sh", "-c", `exec "$@" 2>>${log}`, "sh"];
  const [bare] = JSON.parse(await inBareSandbox({ dir, code: DESCRIPTORS, wrapper })) as [string[]];
  assert.equal(bare.length, 1, JSON.stringify(bare));
  assert.match(bare[0] ?? "", /component\.log$/);

  // A kernel of each kind, and a child, beside supervisor and launcher.
  const cwd = await workspace();
  await execute(backend, cwd, "true", { args: ["--kernel", "bash", "--session", "shell"] });
  const code = `import subprocess\nchild = subprocess.Popen(["sleep", "30"])\n${DESCRIPTORS}\nchild.kill()`;
  const [found, kinds] = JSON.parse((await execute(backend, cwd, code)).stdout) as [string[], string[]];
  assert.deepEqual(found, []);
  assert.ok(kinds.includes("pipe") && kinds.includes("path"), JSON.stringify(kinds));
});

scenario("a flood of text leaves the component's log bounded", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const code = `
import os
written = 0
for pid in filter(str.isdigit, os.listdir("/proc")):
    try: writer = os.open(f"/proc/{pid}/fd/1", os.O_WRONLY)
    except OSError: continue
    if os.readlink(f"/proc/self/fd/{writer}").startswith("pipe:"):
        for _ in range(512): written += os.write(writer, b"x" * 65536)
    os.close(writer)
print(written)
`;
  const got = await execute(backend, cwd, code, { args: ["--session", "flood"] });
  assert.ok(Number(got.stdout) >= 32 << 20, `wrote ${got.stdout}`);
  const logs = [...Deno.readDirSync(join(backend.env["GRAD_STATE_DIR"] ?? "", "runners"))]
    .map(({ name }) => join(backend.env["GRAD_STATE_DIR"] ?? "", "runners", name, "logs", "kernel.log"));
  assert.ok(logs.length > 0);
  for (const log of logs) {
    const { size } = Deno.statSync(log);
    assert.ok(size < 3 << 20, `${log} has ${size} bytes`);
  }
}, { only: "local" }); // the kubelet keeps and rotates the logs of a pod

scenario("what code writes beside its sockets is on the runner's volume", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const code = "open('/run/grad/filling', 'w').write('x' * 1000); print('written')";
  assert.equal((await execute(backend, cwd, code)).stdout, "written\n");
  const find = (folder: string): string[] =>
    [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
      isDirectory ? find(join(folder, name)) : name === "filling" ? [join(folder, name)] : []
    );
  assert.deepEqual(find(backend.env["GRAD_RUNTIME_DIR"] ?? ""), []);
  const [place] = find(join(backend.env["GRAD_STATE_DIR"] ?? "", "runners"));
  assert.match(place ?? "", /\/volume\/kernel\/filling$/);
}, { only: "local" }); // the manifest of a pod shows it (pod_test.ts)
