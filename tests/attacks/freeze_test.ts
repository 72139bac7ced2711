/**
 * Attack: code makes a user namespace, has all capabilities in it, and mounts the file system of control groups, in which its user may
 * own groups: then it freezes or kills them, with everything that this user runs. The attempt only mounts and opens.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { inBareSandbox } from "../support/bare_sandbox.ts";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

/** Prints, as JSON, what a child could do: each step with its outcome; and which control files it could open for writing. */
const FREEZE = `
import ctypes, errno, json, os
libc = ctypes.CDLL(None, use_errno=True)
def outcome(result): return "done" if result == 0 else errno.errorcode[ctypes.get_errno()]
def attempt():
    steps = {}
    uid, gid = os.getuid(), os.getgid()
    steps["namespaces"] = outcome(libc.unshare(0x10000000 | 0x00020000 | 0x02000000))  # user, mount, cgroup
    try:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
            with open(f"/proc/self/{name}", "w") as file: file.write(text)
    except OSError: pass
    steps["mount"] = outcome(libc.mount(b"cgroup2", b"/tmp", b"cgroup2", 0, None))
    steps["groups"] = os.path.exists("/tmp/cgroup.procs")
    return steps
reader, writer = os.pipe()
if os.fork() == 0:
    os.write(writer, json.dumps(attempt()).encode()); os._exit(0)
os.wait()
def is_writable(path):
    try: os.close(os.open(path, os.O_WRONLY))
    except OSError: return False
    return True
files = (os.path.join(folder, name) for top in ("/sys", "/proc/1/root/sys", "/run") for folder, _, names in os.walk(top)
         for name in names if name.startswith(("cgroup.", "freezer.", "tasks")))
print(json.dumps({**json.loads(os.read(reader, 4096)), "writable": [path for path in files if is_writable(path)]}))
`;

scenario("code cannot mount control groups, nor write to any", async ({ backend, workspace }) => {
  const bare = JSON.parse(await inBareSandbox({ dir: join(backend.dir, "bare"), code: FREEZE }));
  assert.deepEqual(bare, { namespaces: "done", mount: "done", groups: true, writable: [] });
  const got = JSON.parse((await execute(backend, await workspace(), FREEZE)).stdout);
  assert.deepEqual(got, { namespaces: "EPERM", mount: "EPERM", groups: false, writable: [] });
});
