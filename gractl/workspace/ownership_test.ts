import assert from "node:assert/strict";
import { join } from "node:path";
import { checkOwners, ownersFor } from "./ownership.ts";
import { tempWorkspace } from "./testing/temp_dir.ts";
import { openWorkspace } from "./workspace.ts";

const uid = Deno.uid() ?? 0;
const DATASET = "apiVersion: gractl/v1\nkind: Dataset\nname: a\ntype: s3\ns3: {bucket: nyc}\n";

Deno.test("ownersFor() are the user, and under sudo also the one who called it", () => {
  assert.deepEqual([...ownersFor(1000, { SUDO_UID: "0" })], [1000]);
  assert.deepEqual([...ownersFor(0, {})], [0]);
  assert.deepEqual([...ownersFor(0, { SUDO_UID: "1000" })], [0, 1000]);
  assert.deepEqual([...ownersFor(0, { SUDO_UID: "x" })], [0]);
});

Deno.test("openWorkspace() accepts a workspace of this user, and of none other by default", async () => {
  await using dir = await tempWorkspace({ "datasets/a.yaml": DATASET });
  await openWorkspace({ cwd: dir.path });
  const error = { code: "workspace_not_owned", message: new RegExp(`it belongs to user ${uid}$`) };
  await assert.rejects(openWorkspace({ cwd: dir.path, owners: new Set([uid + 1]) }), error);
});

for (
  const [what, place] of [
    ["config.yaml", async (dir: string) => {
      await Deno.remove(join(dir, "config.yaml"));
      await Deno.symlink("/etc/passwd", join(dir, "config.yaml"));
    }],
    ["datasets", async (dir: string) => {
      await Deno.remove(join(dir, "datasets"), { recursive: true });
      await Deno.symlink("/etc", join(dir, "datasets"));
    }],
    ["datasets/b.yaml", (dir: string) => Deno.symlink("/etc/passwd", join(dir, "datasets/b.yaml"))],
  ] as const
) {
  Deno.test(`checkOwners() refuses a workspace whose ${what} is root's, through a link, too`, async () => {
    await using dir = await tempWorkspace({ "datasets/a.yaml": DATASET });
    await place(dir.path);
    // Root's own workspace may have files of root, so root makes it another user's.
    const owner = uid === 0 ? 4242 : uid;
    if (uid === 0) await new Deno.Command("chown", { args: ["-hR", `${owner}`, dir.path] }).output();
    await assert.rejects(checkOwners(dir.path, new Set([owner])), {
      code: "workspace_not_owned",
      message: new RegExp(`"${join(dir.path, what)}" belongs to user 0$`),
    });
  });
}

Deno.test("checkOwners() does not mind what does not exist", async () => {
  await using dir = await tempWorkspace();
  await checkOwners(dir.path, new Set([uid]));
});
