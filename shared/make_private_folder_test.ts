import assert from "node:assert/strict";
import { join } from "node:path";
import { makePrivateFolder, type PrivateFolder } from "./make_private_folder.ts";

const uid = Deno.uid()!;

async function inFolder(
  body: (dir: string, make: (more?: Partial<PrivateFolder>) => string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const folder = {
    path: join(dir, "grad"),
    uid,
    what: "state folder",
    variable: "GRAD_STATE_DIR",
    followLink: true,
  };
  try {
    await body(dir, (more = {}) => {
      makePrivateFolder({ ...folder, ...more });
      return (Deno.statSync(more.path ?? folder.path).mode! & 0o777).toString(8);
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("makePrivateFolder() makes the folder and its parents for their user only", () =>
  inFolder((dir, make) => {
    assert.equal(make({ path: join(dir, "a/b") }), "700");
    assert.equal(Deno.statSync(join(dir, "a")).mode! & 0o777, 0o700);
    return Promise.resolve();
  }));

for (const mode of [0o755, 0o711, 0o701, 0o775, 0o777]) {
  Deno.test(`makePrivateFolder() closes a folder of mode ${mode.toString(8)}`, () =>
    inFolder(async (dir, make) => {
      await Deno.mkdir(join(dir, "grad"));
      await Deno.writeTextFile(join(dir, "grad/mine"), "");
      await Deno.chmod(join(dir, "grad"), mode);
      assert.equal(make(), "700");
    }));
}

Deno.test("makePrivateFolder() follows a link of the user only where it may", () =>
  inFolder(async (dir, make) => {
    await Deno.mkdir(join(dir, "large disk"), { mode: 0o755 });
    await Deno.symlink(join(dir, "large disk"), join(dir, "grad"));
    assert.throws(() => make({ followLink: false }), {
      code: "invalid_argument",
      message: /symbolic link/,
    });
    assert.equal(make(), "700");
  }));

Deno.test("makePrivateFolder() refuses a folder of another user and leaves it as it is", () =>
  inFolder(async (dir, make) => {
    await Deno.mkdir(join(dir, "grad"));
    await Deno.chmod(join(dir, "grad"), 0o755);
    assert.throws(() => make({ uid: uid + 1 }), {
      code: "permission_denied",
      message: `Cannot use the state folder "${dir}/grad": it belongs to user ${uid}, and this is user ${
        uid + 1
      }`,
      hint: /GRAD_STATE_DIR/,
    });
    assert.equal(Deno.statSync(join(dir, "grad")).mode! & 0o777, 0o755);
  }));

Deno.test({
  name: "makePrivateFolder() refuses a folder into which another user has put something",
  ignore: uid !== 0, // only root can make a file of somebody else
  fn: () =>
    inFolder(async (dir, make) => {
      await Deno.mkdir(join(dir, "grad"));
      await Deno.writeTextFile(join(dir, "grad/planted"), "");
      await Deno.chown(join(dir, "grad/planted"), 4711, 4711);
      await Deno.chmod(join(dir, "grad"), 0o777);
      assert.throws(() => make(), {
        code: "permission_denied",
        message: /"planted" in it belongs to user 4711/,
      });
    }),
});

for (
  const [what, prepare, why] of [
    ["a file", (path: string) => Deno.writeTextFile(path, ""), /it is not a folder/],
    ["a looping link", (path: string) => Deno.symlink(path, path), /loop|not a folder/],
    ["a link to nowhere", (path: string) => Deno.symlink("/nonexistent/x", path), /not a folder/],
  ] as const
) {
  Deno.test(`makePrivateFolder() says that ${what} is in the folder's place`, () =>
    inFolder(async (dir, make) => {
      await prepare(join(dir, "grad"));
      assert.throws(() => make(), { code: "invalid_argument", message: why, hint: /Make it a folder/ });
    }));
}

Deno.test("makePrivateFolder() says that a part of the path is a file", () =>
  inFolder(async (dir, make) => {
    await Deno.writeTextFile(join(dir, "file"), "");
    assert.throws(() => make({ path: join(dir, "file/grad") }), {
      code: "invalid_argument",
      message: /not a folder/,
    });
  }));
