/**
 * Attack: where root runs grad, what of a runner is outside of the sandbox is root's. So code leaves a program of root with the setuid
 * bit in a folder that it may write, and a component that was taken over reads, kills and changes whatever it likes.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { runnerPaths } from "../../grad/runners/local/paths.ts";
import { runnerPython } from "../../shared/local_paths.ts";
import type { Backend } from "../support/backend.ts";
import { execute } from "../support/execution_document.ts";
import { isAlive, processInfo, treeOf, usersOf } from "../support/proc.ts";
import { eventually, run } from "../support/process.ts";
import { suite, type World } from "../support/suite.ts";
import { writeDirectoryDataset, writeS3Dataset } from "../support/workspace_files.ts";

// Users of this machine; those of a pod are in its manifest (tests/cluster/attacks_components_test.ts).
const scenario = suite({ only: "local" });
const isRoot = Deno.uid() === 0;
const PYTHON = runnerPython(Deno.env.toObject());

type Runner = Readonly<{
  id: string;
  /** The outermost process of the runner. */
  pid: number;
  uid: number;
  paths: ReturnType<typeof runnerPaths>;
}>;

/** The runners whose processes run. */
function runners(backend: Backend): readonly Runner[] {
  return backend.processes().flatMap(({ pid, argv }) => {
    const [, runtime, id] = /^unshare .* (\/\S+)\/(r[a-z2-7]{12})\/plan\.json$/.exec(argv) ?? [];
    if (runtime === undefined || id === undefined) return [];
    const paths = runnerPaths({ state: backend.env["GRAD_STATE_DIR"]!, runtime }, id);
    return [{ id, pid, paths, uid: usersOf(pid)?.uids[0] ?? -1 }];
  });
}

const NAMES = ["runner-1", "other"];

/** A workspace with the two runners of these names, which have a dataset in S3. */
async function twoRunners({ backend, s3, workspace }: World): Promise<[cwd: string, ...Runner[]]> {
  const cwd = await workspace();
  const place = { endpoint: s3.server.endpoint, bucket: s3.bucket, prefix: "airlines" };
  await writeS3Dataset(backend, cwd, { name: "airlines", ...place });
  for (const name of NAMES) {
    const code = "open('outputs/own.txt', 'w').write('private')";
    (await backend.gractl(["runner", "create", name], { cwd, env: s3.env })).exits(0);
    await execute(backend, cwd, code, { env: s3.env, args: ["--runner", name] });
  }
  const list = await backend.gractl(["runner", "list", "-o", "json"], { cwd });
  const { items } = list.exits(0).json<{ items: { id: string; name: string }[] }>();
  const ids = NAMES.map((name) => items.find((item) => item.name === name)?.id);
  return [cwd, ...ids.map((id) => runners(backend).find((runner) => runner.id === id)!)];
}

/** Runs a program of Python, which prints JSON, by the command that `as` begins. */
async function outcomes(as: readonly string[], code: string): Promise<Record<string, string>> {
  const ended = await run([...as, PYTHON, "-I", "-c", code], {
    env: { PATH: "/usr/sbin:/usr/bin:/bin" },
    cwd: "/",
  });
  assert.equal(ended.code, 0, ended.stderr);
  return JSON.parse(ended.stdout) as Record<string, string>;
}

/** Prints of each attempt "done" or the error. */
const REPORT = `
import ctypes, json, os, socket, stat
libc = ctypes.CDLL(None, use_errno=True)
def call(result):
    if result != 0: raise OSError(ctypes.get_errno(), "")
def connect(path):
    with socket.socket(socket.AF_UNIX) as made: made.connect(path)
def make(path, maker):
    maker(path); os.unlink(path)
def report(attempts):
    said = {}
    for name, attempt in attempts.items():
        try: attempt(); said[name] = "done"
        except OSError as error: said[name] = "refused"
    print(json.dumps(said))
`;

const every = (attempts: Record<string, string>, outcome: string) =>
  Object.fromEntries(Object.keys(attempts).map((name) => [name, outcome]));

scenario("every process of a runner has the runner's user, who is nobody else and stays", async (world) => {
  const { backend } = world;
  const [, ...made] = await twoRunners(world);
  assert.equal(made.length, 2);
  assert.equal(usersOf(backend.grad()!.pid)?.uids[0], Deno.uid());
  for (const { pid, uid } of made) {
    const seen = new Set<string>();
    for (const { pid: each, argv } of treeOf(pid)) {
      const users = usersOf(each);
      if (users === undefined) continue; // ended meanwhile
      assert.deepEqual(new Set(users.uids), new Set([uid]), argv);
      if (isRoot) assert.deepEqual([new Set(users.gids), users.groups], [new Set([uid]), []], argv);
      seen.add(/grad_runner\.\w+|^s3fs|^bwrap/.exec(argv)?.[0] ?? "");
    }
    for (
      const name of [
        "grad_runner.init",
        "grad_runner.agent",
        "grad_runner.data",
        "grad_runner.kernel",
        "s3fs",
      ]
    ) {
      assert.ok(seen.has(name), `no process ${name} was looked at: ${[...seen]}`);
    }
  }
  const uids = new Set(made.map(({ uid }) => uid));
  if (!isRoot) return assert.deepEqual(uids, new Set([Deno.uid()]));
  assert.equal(uids.size, 2, "two runners share a user");
  const passwd = await Deno.readTextFile("/etc/passwd");
  for (const uid of uids) assert.ok(uid > 0 && !passwd.includes(`:${uid}:`), String(uid));

  // The same user after the end of grad and of the runner's processes, and when the runner is made new.
  const [first] = made;
  const process = processInfo(first!.pid)!;
  Deno.kill(first!.pid, "SIGKILL");
  await eventually("the runner's end", () => isAlive(process) ? undefined : true);
  await backend.killGrad();
  const [, ...again] = await twoRunners(world);
  assert.deepEqual(again.map(({ uid }) => uid), made.map(({ uid }) => uid));
});

scenario(
  "code leaves no program of root with the setuid bit in a read-write directory",
  async ({ backend }) => {
    const cwd = await backend.makeWorkspace();
    const folder = join(backend.dir, "shared");
    await Deno.mkdir(folder);
    await writeDirectoryDataset(backend, cwd, "shared", folder, "read-write");
    const code = (path: string) => `
import os, shutil
shutil.copy("/usr/bin/true", ${JSON.stringify(path)})
try: os.chmod(${JSON.stringify(path)}, 0o4755)
except PermissionError: pass
`;
    // A sandbox of its own, started by the same user, without what becomes the runner's user.
    const bare = ["bwrap", "--unshare-all", "--unshare-user", "--uid", "1000", "--ro-bind", "/usr", "/usr"];
    const links = [
      "--symlink",
      "usr/lib",
      "/lib",
      "--symlink",
      "usr/lib64",
      "/lib64",
      "--bind",
      folder,
      "/shared",
    ];
    const ended = await run([...bare, ...links, "/usr/bin/python3", "-c", code("/shared/control")], {
      env: { PATH: "/usr/bin:/bin" },
      cwd: "/",
    });
    assert.equal(ended.code, 0, ended.stderr);
    const control = await Deno.stat(join(folder, "control"));
    assert.deepEqual([control.uid, control.mode! & 0o4000], [Deno.uid(), 0o4000]);

    await execute(backend, cwd, code("/workspace/data/shared/attack"));
    const attack = await Deno.stat(join(folder, "attack"));
    assert.equal(attack.mode! & 0o6000, 0, "the filter of system calls did not refuse the bit");
    assert.equal(attack.uid, runners(backend).find(({ uid }) => uid === attack.uid)?.uid);
    if (isRoot) assert.notEqual(attack.uid, 0);
    await Deno.remove(folder, { recursive: true });
  },
);

// A plain user's runners run as that user, who may do all of this: there the sandbox alone holds, as other attacks show.
if (isRoot) {
  scenario("a component that was taken over reaches nothing of root or of another runner", async (world) => {
    const [, attacked, other] = await twoRunners(world);
    const { folder, logs } = attacked!.paths;
    const state = world.backend.env["GRAD_STATE_DIR"]!;
    const record = join(state, "records", `${other!.id}.json`);
    const own = (place: string) => JSON.stringify(join(place, "attack"));
    const code = `${REPORT}
report({
    "list the state folder": lambda: os.listdir(${JSON.stringify(state)}),
    "read a record": lambda: open(${JSON.stringify(record)}).close(),
    "read another volume": lambda: open(${JSON.stringify(join(other!.paths.outputs, "own.txt"))}).close(),
    "call another agent": lambda: connect(${JSON.stringify(other!.paths.agentSocket)}),
    "change whom grad kills": lambda: open(${JSON.stringify(attacked!.paths.initPid)}, "a").close(),
    "put a link in a log's place": lambda: make(${own(logs)}, lambda path: os.symlink("/etc/passwd", path)),
    "write beside the volume": lambda: make(${own(folder)}, lambda path: open(path, "w").close()),
    "make a device": lambda: make(${
      own(attacked!.paths.cache)
    }, lambda path: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 1))),
    "open a setting of the machine": lambda: open("/proc/sys/kernel/core_pattern", "a").close(),
})
`;
    const without = await outcomes([], code);
    assert.deepEqual(without, every(without, "done"));
    // With all rights that a component can have in its namespaces.
    const inside = ["nsenter", "--target", String(childOf(attacked!)), "--user", "--mount", "--pid"];
    assert.deepEqual(await outcomes(inside, code), every(without, "refused"));

    // What root hides from the runner's user cannot be uncovered either.
    const uncover = `${REPORT}
report({"uncover": lambda: call(libc.umount2(${JSON.stringify(state)}.encode(), 2))})`;
    assert.deepEqual(await outcomes(inside, uncover), { uncover: "refused" });
  });

  scenario(
    "a runner's user can neither end nor read the processes of another runner or of grad",
    async (world) => {
      const [, attacked, other] = await twoRunners(world);
      const agent = treeOf(other!.pid).find(({ argv }) => argv.includes("grad_runner.agent"))!.pid;
      const grad = world.backend.grad()!.pid;
      const attempts = Object.entries({ agent, grad }).map(([name, pid]) => `
    "signal ${name}": lambda: os.kill(${pid}, 0),
    "write the memory of ${name}": lambda: os.close(os.open("/proc/${pid}/mem", os.O_RDWR)),
    "read the environment of ${name}": lambda: open("/proc/${pid}/environ").read(1),
    "trace ${name}": lambda: call(libc.ptrace(0x4206, ${pid}, 0, 0)),`);
      const code = `${REPORT}\nreport({${attempts.join("")}})`;
      const without = await outcomes([], code);
      assert.deepEqual(without, every(without, "done"));
      const uid = String(attacked!.uid);
      const user = ["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups"];
      assert.deepEqual(await outcomes(user, code), every(without, "refused"));
    },
  );

  scenario(
    "the volume of a runner that was root's becomes its user's, and nothing outside of it",
    async (world) => {
      const { backend } = world;
      const [cwd, first] = await twoRunners(world);
      const { pid, paths, uid } = first!;
      const process = processInfo(pid)!;
      const outside = join(backend.dir, "root's file");
      await Deno.writeTextFile(outside, "root's", { mode: 0o600 });
      const folder = join(backend.dir, "root's folder");
      await Deno.mkdir(folder, { mode: 0o700 });
      (await backend.gractl(["grad", "stop"])).exits(0);
      Deno.kill(pid, "SIGKILL");
      await eventually("the runner's end", () => isAlive(process) ? undefined : true);
      // As an older version of grad has left it, with what hostile code may have made in it.
      assert.equal((await run(["chown", "-R", "0:0", paths.folder], { env: {}, cwd: "/" })).code, 0);
      await Deno.symlink(outside, join(paths.outputs, "link"));
      await Deno.symlink(folder, join(paths.outputs, "folder"));
      await Deno.link(outside, join(paths.outputs, "second name"));
      const { id } = first!;
      const name = id === runners(backend)[0]?.id ? "other" : "runner-1";
      const code = `
import os
print(open("outputs/own.txt").read(), os.stat("outputs/own.txt").st_uid == os.getuid())
try: open("outputs/second name")
except OSError: print("refused")
`;
      const { stdout } = await execute(backend, cwd, code, { env: world.s3.env, args: ["--runner", name] });
      assert.equal(stdout, "private True\nrefused\n");
      assert.equal((await Deno.stat(paths.volume)).uid, uid);
      assert.equal((await Deno.lstat(join(paths.outputs, "link"))).uid, uid);
      assert.equal((await Deno.stat(outside)).uid, 0);
      assert.equal((await Deno.stat(folder)).uid, 0);
    },
  );

  scenario(
    "a directory that the runner's user may not read or write is an error that says so",
    async ({ backend }) => {
      const cwd = await backend.makeWorkspace();
      for (
        const [name, mode, access] of [["closed", 0o700, "read-only"], [
          "unwritable",
          0o755,
          "read-write",
        ]] as const
      ) {
        const folder = join(backend.dir, name);
        await Deno.mkdir(folder);
        await writeDirectoryDataset(backend, cwd, name, folder, access);
        await Deno.chmod(folder, mode);
        const call = await backend.gractl(["execute-code", "--code", "1", "-o", "json", "--dataset", name], {
          cwd,
        });
        const { code, message, hint } = call.exits(3).json<{ error: Record<string, string> }>().error;
        assert.equal(code, "dataset_access_denied");
        assert.match(message!, /may not be (read|written) by user \d{5,}/);
        assert.match(hint!, /setfacl.*not as root/s);
        await Deno.remove(join(cwd, "workspace/datasets", `${name}.yaml`));
      }
    },
  );
}

/** The init: the first process in the runner's pid namespace. */
function childOf({ pid }: Runner): number {
  const init = treeOf(pid).find(({ parent }) => parent === pid);
  assert.ok(init, "the runner has no init");
  return init.pid;
}
