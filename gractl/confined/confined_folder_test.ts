import assert from "node:assert/strict";
import { closeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemIds } from "../../shared/ids.ts";
import { tempDir } from "../workspace/testing/temp_dir.ts";
import { ConfinedFolder } from "./confined_folder.ts";
import { type Destination, removeDestination, writeDestination } from "./destination.ts";

const write = (to: Destination, text: string, exclusive = false) =>
  writeDestination(to, text, { ids: systemIds, exclusive });

Deno.test("writeDestination() replaces a file, keeps its permissions and leaves no other file", async () => {
  await using dir = await tempDir();
  const file = await dir.write("sub/config.yaml", "old");
  await Deno.chmod(file, 0o640);
  write({ root: dir.path, path: ["sub", "config.yaml"] }, "new");
  assert.equal(await dir.read("sub/config.yaml"), "new");
  assert.equal((await Deno.stat(file)).mode! & 0o777, 0o640);
  assert.deepEqual(await dir.list(), ["sub", "sub/config.yaml"]);
});

Deno.test("writeDestination() with exclusive never replaces anything", async () => {
  await using dir = await tempDir();
  await dir.write("a.yaml", "old");
  await Deno.symlink("nowhere", join(dir.path, "b.yaml"));
  for (const name of ["a.yaml", "b.yaml"]) {
    assert.throws(() => write({ root: dir.path, path: [name] }, "new", true), Deno.errors.AlreadyExists);
  }
  assert.equal(await dir.read("a.yaml"), "old");
  assert.deepEqual(await dir.list(), ["a.yaml", "b.yaml"]);
});

Deno.test("writeDestination() follows links to its root, and none below it", async () => {
  await using dir = await tempDir();
  await dir.write("real/keep", "");
  await dir.write("secret/keys", "mine");
  await Deno.symlink("real", join(dir.path, "root"));
  await Deno.symlink("../secret", join(dir.path, "real/link"));
  await Deno.symlink("../secret/keys", join(dir.path, "real/file"));
  const root = join(dir.path, "root");
  for (const path of [["link", "keys"], ["link", "new"], ["keep", "new"]] as [string, string][]) {
    assert.throws(() => write({ root, path }, "x"), {
      code: "path_not_allowed",
      message: /is a link, or not/,
    });
  }
  write({ root, path: ["file"] }, "x");
  removeDestination({ root, path: ["link"] });
  assert.equal(await dir.read("secret/keys"), "mine");
  assert.deepEqual(await dir.list(), ["real", "real/file", "real/keep", "root", "secret", "secret/keys"]);
});

for (const name of ["", ".", "..", "a/b", "/etc", "a\0b"]) {
  Deno.test(`writeDestination() refuses ${JSON.stringify(name)} as a part of a path`, async () => {
    await using dir = await tempDir();
    for (const path of [[name], [name, "x"], ["x", name]] as [string, string][]) {
      assert.throws(() => write({ root: dir.path, path }, "x"), { code: "path_not_allowed" });
    }
  });
}

Deno.test("ConfinedFolder.openOwn() takes only files of one name", async () => {
  await using dir = await tempDir();
  const file = await dir.write("file", "");
  using folder = ConfinedFolder.open(dir.path);
  const opened = folder.openOwn("file");
  assert.notEqual(opened, undefined);
  closeSync(opened!);
  await Deno.link(file, join(dir.path, "second"));
  await Deno.symlink("file", join(dir.path, "link"));
  await Deno.mkdir(join(dir.path, "folder"));
  await new Deno.Command("mkfifo", { args: [join(dir.path, "pipe")] }).output();
  for (const name of ["file", "second", "link", "folder", "pipe", "none"]) {
    assert.equal(folder.openOwn(name), undefined, name);
  }
});

Deno.test("ConfinedFolder stays in the folder that it has opened when that is moved and replaced", async () => {
  await using dir = await tempDir();
  await dir.write("a/keep", "");
  await dir.write("secret/keep", "");
  using root = ConfinedFolder.open(dir.path);
  using folder = root.folder(["a"], { create: false });
  await Deno.rename(join(dir.path, "a"), join(dir.path, "b"));
  await Deno.symlink("secret", join(dir.path, "a"));
  closeSync(folder.create("x"));
  assert.deepEqual(await dir.list(), ["a", "b", "b/keep", "b/x", "secret", "secret/keep"]);
});

const ATTACKER = fileURLToPath(new URL("testing/swap_links.ts", import.meta.url));

/** Writes files into a folder that an attacker exchanges with a link, until `enough`; returns how many went wrong. */
async function underAttack(
  writeOne: (root: string, name: string) => Promise<void> | void,
  enough: (led: number, tried: number) => boolean,
): Promise<{ led: number; written: number }> {
  await using dir = await tempDir();
  const [root, outside] = ["root", "outside"].map((name) => join(dir.path, name)) as [string, string];
  for (const folder of [join(root, "sub"), outside]) await Deno.mkdir(folder, { recursive: true });
  const attacker = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-config", ATTACKER, root, outside],
    stdout: "piped",
  }).spawn();
  const lines = attacker.stdout.getReader();
  try {
    await lines.read(); // it has started
    let written = 0;
    const led = () => [...Deno.readDirSync(outside)].length;
    for (let tried = 0; !enough(led(), tried); tried++) {
      try {
        await writeOne(root, `file-${tried}`);
        written++;
      } catch {
        // Refused, or the folder has no name just now: both are fine.
      }
    }
    return { led: led(), written };
  } finally {
    attacker.kill("SIGKILL");
    await lines.cancel();
    await attacker.status;
  }
}

Deno.test("a folder that is exchanged with a link leads a naive write outside", async () => {
  const naive = async (root: string, name: string) => {
    const path = join(root, "sub", name);
    if ((await Deno.lstat(join(root, "sub"))).isSymlink) throw new Error("a link"); // the check that a race defeats
    await Deno.writeTextFile(`${path}.part`, "x");
    await Deno.rename(`${path}.part`, path);
  };
  const { led } = await underAttack(naive, (led, tried) => led > 0 || tried >= 50_000);
  assert.ok(led > 0, "the attack does not work: the next test shows nothing");
});

Deno.test("a folder that is exchanged with a link leads no confined write outside", async () => {
  const confined = (root: string, name: string) => {
    using opened = ConfinedFolder.open(root);
    using folder = opened.folder(["sub"], { create: false });
    closeSync(folder.create(`.${name}.tmp`));
    folder.rename(`.${name}.tmp`, name);
  };
  const { led, written } = await underAttack(confined, (_, tried) => tried >= 20_000);
  assert.equal(led, 0);
  assert.ok(written > 100, `only ${written} writes got through: the test shows little`);
});
