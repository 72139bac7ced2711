import assert from "node:assert/strict";
import { join } from "node:path";
import { type FolderInfo, isOwnFolder, NO_ACCESS, NO_WRITE, privateFolderFault } from "./private_folder.ts";

const FOLDER = { isSymlink: false, isDirectory: true, uid: 1000, mode: 0o40700 };
const cases: [name: string, info: FolderInfo, forbidden: number, fault: RegExp | undefined][] = [
  ["a private folder", FOLDER, NO_ACCESS, undefined],
  ["a symbolic link", { ...FOLDER, isSymlink: true }, NO_ACCESS, /symbolic link/],
  ["a file", { ...FOLDER, isDirectory: false }, NO_ACCESS, /not a folder/],
  ["another user's", { ...FOLDER, uid: 7 }, NO_ACCESS, /user 7/],
  ["one without an owner", { ...FOLDER, uid: null }, NO_ACCESS, /user null/],
  ["one that others can only enter", { ...FOLDER, mode: 0o40711 }, NO_ACCESS, /open it \(mode 0711\)/],
  ["one that a group can write to", { ...FOLDER, mode: 0o40770 }, NO_ACCESS, /write to it \(mode 0770\)/],
  ["one of unknown mode", { ...FOLDER, mode: null }, NO_ACCESS, /mode 0777/],
  ["one that others can read, where only writing matters", { ...FOLDER, mode: 0o40755 }, NO_WRITE, undefined],
  [
    "one that others can write to, where only that matters",
    { ...FOLDER, mode: 0o41702 },
    NO_WRITE,
    /write to/,
  ],
  [
    "one that a group can write to, where only that matters",
    { ...FOLDER, mode: 0o40720 },
    NO_WRITE,
    /write to/,
  ],
];
for (const [name, info, forbidden, fault] of cases) {
  Deno.test(`privateFolderFault() judges ${name}`, () => {
    const found = privateFolderFault(info, 1000, forbidden);
    if (fault === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "", fault);
  });
}

Deno.test("isOwnFolder() is true for a folder of this user only", async () => {
  const dir = await Deno.makeTempDir();
  const uid = Deno.uid()!;
  try {
    await Deno.symlink(dir, join(dir, "link"));
    await Deno.writeTextFile(join(dir, "file"), "");
    assert.equal(isOwnFolder(dir, uid), true);
    assert.equal(isOwnFolder(dir, uid + 1), false);
    for (const path of [undefined, "", join(dir, "link"), join(dir, "file"), join(dir, "none")]) {
      assert.equal(isOwnFolder(path, uid), false, path ?? "none");
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
