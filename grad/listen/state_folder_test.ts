import assert from "node:assert/strict";
import { join } from "node:path";
import { readGradRecord, stateFiles } from "../../shared/grad_record.ts";
import { isAlive } from "../../shared/process_stat.ts";
import { claimStateFolder, type StateFolderOptions } from "./state_folder.ts";

const uid = Deno.uid()!;

async function inFolder(
  body: (
    dir: string,
    claim: (more?: Partial<StateFolderOptions>) => ReturnType<typeof claimStateFolder>,
  ) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const options = {
    stateDir: join(dir, "state"),
    runtimeDir: join(dir, "run"),
    socket: undefined,
    uid,
    instance: "1-a",
    version: "0.1.0",
    now: () => 0,
  };
  try {
    await body(dir, (more = {}) => claimStateFolder({ ...options, ...more }));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("claimStateFolder() makes both folders and records where grad listens", () =>
  inFolder(async (dir, claim) => {
    using mine = await claim();
    assert.equal(mine.socket, join(dir, "run/grad.sock"));
    const { process, ...record } = (await readGradRecord(join(dir, "state"), uid))!;
    assert.deepEqual(record, {
      socket: mine.socket,
      runtimeDir: join(dir, "run"),
      instance: "1-a",
      version: "0.1.0",
      startedAt: "1970-01-01T00:00:00.000Z",
    });
    assert.equal(process.pid, Deno.pid);
    assert.ok(await isAlive(process));
    for (const folder of ["state", "run"]) {
      assert.equal((await Deno.stat(join(dir, folder))).mode! & 0o777, 0o700, folder);
    }
  }));

Deno.test("claimStateFolder() refuses a second grad and names the socket of the first", () =>
  inFolder(async (dir, claim) => {
    using _first = await claim({ socket: join(dir, "chosen.sock") });
    const before = await readGradRecord(join(dir, "state"), uid);
    await assert.rejects(claim({ runtimeDir: join(dir, "other"), instance: "2-b" }), {
      code: "grad_unavailable",
      message:
        `Cannot serve the state folder "${dir}/state": the grad at unix:${dir}/chosen.sock (process ${Deno.pid}) serves it`,
      hint: /gractl grad stop/,
    });
    assert.deepEqual(await readGradRecord(join(dir, "state"), uid), before);
  }));

Deno.test("claimStateFolder() is possible again when the first has ended", () =>
  inFolder(async (_, claim) => {
    (await claim())[Symbol.dispose]();
    using _second = await claim({ instance: "2-b" });
  }));

Deno.test("claimStateFolder() refuses a second grad also while the first has written no record", () =>
  inFolder(async (dir, claim) => {
    using _first = await claim();
    await Deno.remove(stateFiles(join(dir, "state")).record);
    await assert.rejects(claim(), { code: "grad_unavailable", message: /another grad serves it$/ });
  }));

Deno.test("claimStateFolder() keeps the recorded runtime folder as long as it exists", () =>
  inFolder(async (dir, claim) => {
    const [first, second] = [join(dir, "run"), join(dir, "run2")];
    const claimed = async (runtimeDir: string) => {
      using claimed = await claim({ runtimeDir });
      return claimed.runtimeDir;
    };
    assert.equal(await claimed(first), first);
    assert.equal(await claimed(second), first);
    await Deno.remove(first);
    assert.equal(await claimed(second), second);
    assert.equal(await claimed(first), second);
  }));

Deno.test("claimStateFolder() closes both folders where others may enter them", () =>
  inFolder(async (dir, claim) => {
    (await claim())[Symbol.dispose]();
    for (const folder of ["state", "run"]) await Deno.chmod(join(dir, folder), 0o755);
    using _mine = await claim();
    for (const folder of ["state", "run"]) {
      assert.equal((await Deno.stat(join(dir, folder))).mode! & 0o777, 0o700, folder);
    }
  }));

Deno.test("claimStateFolder() refuses a runtime folder that is a link, and lets the state folder go", () =>
  inFolder(async (dir, claim) => {
    await Deno.mkdir(join(dir, "elsewhere"), { mode: 0o700 });
    await Deno.symlink(join(dir, "elsewhere"), join(dir, "run"));
    await assert.rejects(claim(), {
      code: "invalid_argument",
      message: /the runtime folder ".*\/run": it is a symbolic link$/,
      hint: /GRAD_RUNTIME_DIR/,
    });
    await Deno.remove(join(dir, "run"));
    using _mine = await claim();
  }));
