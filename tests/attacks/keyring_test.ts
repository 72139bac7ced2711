/** Attack: code reads a key of the session keyring that grad inherited from its user's login: a ticket, a password of a mount. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { inBareSandbox } from "../support/bare_sandbox.ts";
import { execute } from "../support/execution_document.ts";
import { run } from "../support/process.ts";
import { suite } from "../support/suite.ts";

// A grad that a login on this machine has started.
const scenario = suite({ only: "local" });

/** Runs the command that its arguments are in a new session keyring with a key in it. */
const LOGIN = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
add_key, keyctl = (248, 250) if os.uname().machine == "x86_64" else (217, 219)
assert libc.syscall(keyctl, 1, None) > 0
assert libc.syscall(add_key, b"user", b"grad-attack", b"treasure", ctypes.c_size_t(8), ctypes.c_long(-3)) > 0
os.execvp(sys.argv[1], sys.argv[1:])
`;

/** Prints the key, or the errors of looking for it and of the file that lists keys. */
const READ = `
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
request_key, keyctl = (249, 250) if os.uname().machine == "x86_64" else (218, 219)
key = libc.syscall(request_key, b"user", b"grad-attack", None, ctypes.c_long(0))
if key < 0: print(errno.errorcode[ctypes.get_errno()])
else:
    text = ctypes.create_string_buffer(100)
    size = libc.syscall(keyctl, ctypes.c_long(11), ctypes.c_long(key), text, ctypes.c_size_t(100))
    print(text.raw[:size].decode())
try: print("grad-attack" in open("/proc/keys").read())
except OSError as error: print(errno.errorcode[error.errno])
`;

scenario("code reads no key of its user's login", async ({ backend, workspace }) => {
  const wrapper = ["/usr/bin/python3", "-c", LOGIN];
  const bare = await inBareSandbox({ dir: join(backend.dir, "bare"), code: READ, wrapper });
  assert.equal(bare, "treasure\nTrue\n");

  const cwd = await workspace();
  const grad = (command: string) => backend.gractl(["grad", command], { cwd });
  (await grad("stop")).exits(0);
  const gractl = join(Deno.env.get("GRAD_TEST_DIST") ?? "dist", "gractl");
  const started = await run([...wrapper, gractl, "grad", "start"], { env: backend.env, cwd });
  assert.equal(started.code, 0, started.stderr);
  const keys = Deno.readTextFileSync(`/proc/${backend.grad()?.pid}/status`);
  assert.match(keys, /Seccomp:\s+0/); // it is this grad that holds the key, and no filter keeps it from it
  // A runner that this grad starts.
  (await backend.gractl(["runner", "create", "keyless"], { cwd })).exits(0);
  const got = await execute(backend, cwd, READ, { args: ["--runner", "keyless"] });
  assert.equal(got.stdout, "EPERM\nEACCES\n");
  (await backend.gractl(["runner", "destroy", "keyless"], { cwd })).exits(0);
});
