/**
 * Attack: code in a sandbox changes settings of the machine through /proc, for example the program that the kernel runs as root for
 * a core file (kernel/core_pattern). The attempt opens each file for writing and closes it again: nothing is ever written.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { inBareSandbox } from "../support/bare_sandbox.ts";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

/** Prints, as JSON, which files of /proc that are not about a process can be opened for writing, and how many were tried. */
const OPEN_EVERYTHING = `
import json, os, stat
opened, tried = [], 0
for folder, folders, files in os.walk("/proc"):
    if folder == "/proc":
        folders[:] = [name for name in folders if not name.isdigit()]
    for path in (os.path.join(folder, name) for name in files):
        if os.path.islink(path): continue
        if not stat.S_ISREG(os.stat(path).st_mode): continue  # /dev/null, with which a container runtime covers some
        tried += 1
        try: os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
        except OSError: continue
        opened.append(path)
print(json.dumps({"opened": opened, "tried": tried}))
`;

type Outcome = Readonly<{ opened: string[]; tried: number }>;

/** The outcome of the attempt in the product's sandbox, started by this user, without what protects /proc. */
async function withoutProtection(dir: string): Promise<Outcome> {
  const change = (argv: readonly string[]) => {
    const open = argv.filter((_, at) => ![0, 1, 2].some((back) => isReadOnlyProc(argv, at - back)));
    assert.ok(open.length < argv.length, "the sandbox has no read-only places of /proc");
    return open;
  };
  return JSON.parse(await inBareSandbox({ dir, code: OPEN_EVERYTHING, change })) as Outcome;
}

/** Whether an option `--ro-bind-try /proc/x /proc/x` begins at `at`. */
function isReadOnlyProc(argv: readonly string[], at: number): boolean {
  return argv[at] === "--ro-bind-try" && (argv[at + 2] ?? "").startsWith("/proc/");
}

scenario(
  "code cannot open any setting of the machine below /proc for writing",
  async ({ backend, workspace }) => {
    const open = await withoutProtection(join(backend.dir, "open"));
    // Files of root are open only to root's code; a plain user's code gets at those that everyone may write, if the kernel has them.
    if (Deno.uid() === 0) {
      assert.ok(open.opened.includes("/proc/sys/kernel/core_pattern"), JSON.stringify(open));
      assert.ok(
        open.opened.filter((path) => path.startsWith("/proc/sys/")).length > 100,
        JSON.stringify(open),
      );
    }
    const code = OPEN_EVERYTHING;
    const { opened, tried } = JSON.parse((await execute(backend, await workspace(), code)).stdout) as Outcome;
    assert.ok(tried > 100, `only ${tried} files were tried`);
    // A container runtime leaves the files of pressure to everyone: whoever writes to one is told when the machine is short of something.
    const own = backend.name === "local"
      ? opened
      : opened.filter((path) => !path.startsWith("/proc/pressure/"));
    assert.deepEqual(own, []);
  },
);
