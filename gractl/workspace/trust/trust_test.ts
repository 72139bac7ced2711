import assert from "node:assert/strict";
import { join } from "node:path";
import type { DatasetFile } from "../dataset_file.ts";
import { tempDir } from "../testing/temp_dir.ts";
import type { Workspace } from "../workspace.ts";
import { describeGrant, type Grant } from "./grant.ts";
import { memoryTrust, memoryTrustStore } from "./testing/memory_trust.ts";

const workspaceIn = (dir: string, more: Partial<Workspace> = {}): Workspace => ({
  dir,
  id: "ws-abcdefgh12345678",
  grad: "local",
  runner: "runner-1",
  session: "default",
  ...more,
});
const GRAD: Grant = { kind: "grad", context: "local" };
const directory = (path: string, more: Partial<DatasetFile> = {}): DatasetFile => ({
  file: "/w/datasets/d.yaml",
  name: "d",
  description: "",
  access: "read-only",
  source: { type: "directory", path },
  ...more,
});
const s3 = (more: Partial<Grant & { kind: "s3" }> = {}): DatasetFile => {
  const { endpoint = "", bucket = "nyc", prefix = "", credentials = { source: "environment" } } = more;
  return {
    ...directory(""),
    name: "s",
    access: more.access ?? "read-only",
    source: { type: "s3", region: "", pathStyle: false, endpoint, bucket, prefix, credentials },
  };
};
const use = (...datasets: DatasetFile[]) => ({ grad: true, datasets });

Deno.test("Trust.require() refuses a workspace without a decision, and says what it asks for and the command", async () => {
  await using dir = await tempDir();
  const trust = memoryTrust({ explicit: () => true });
  await assert.rejects(trust.require(workspaceIn(dir.path), use(directory("/srv/shelf"))), {
    code: "workspace_untrusted",
    message: `Cannot use the workspace "${dir.path}": you have not trusted it on this machine; it asks for:
  grad: code runs in the grad of this machine
  folder: "/srv/shelf", read-only`,
    hint: `If that is what you want, run \`gractl workspace trust --workspace ${dir.path}\`.`,
  });
});

Deno.test("Trust.require() tells an agent to ask the user", async () => {
  await using dir = await tempDir();
  await assert.rejects(memoryTrust({ agent: "Gemini CLI" }).require(workspaceIn(dir.path), use()), {
    hint: /^Ask the user to read this, and to run `gractl workspace trust` in a terminal of their own/,
  });
});

Deno.test("Trust.require() accepts what was approved and less, and names exactly what is new", async () => {
  await using dir = await tempDir();
  const trust = memoryTrust();
  const workspace = workspaceIn(dir.path);
  const approved = use(directory("/srv/shelf"), s3({ prefix: "flights" }));
  await trust.approve(workspace, (await trust.stateOf(workspace, approved)).wanted);
  await trust.require(workspace, approved);
  await trust.require(workspace, use());
  await trust.require(workspace, use(directory("/srv/shelf/2013"), s3({ prefix: "flights/2013" })));
  await assert.rejects(trust.require(workspace, use(directory("/srv/shelf"), directory("/srv/other"))), {
    code: "workspace_untrusted",
    message: `Cannot use the workspace "${dir.path}": it asks for more than you trust it with:
  folder: "/srv/other", read-only`,
  });
  await assert.rejects(trust.require(workspaceIn(dir.path, { grad: "lab" }), use()), {
    message: /grad: your context "lab" receives code and the keys of datasets$/,
  });
});

Deno.test("Trust.require() does not accept a decision for another id, path or owner", async () => {
  await using dir = await tempDir();
  const store = memoryTrustStore();
  const trust = memoryTrust({ store });
  const [here, copy] = [join(dir.path, "here"), join(dir.path, "copy")];
  for (const each of [here, copy]) await Deno.mkdir(each);
  await trust.approve(workspaceIn(here), [GRAD]);
  await trust.require(workspaceIn(here), use());
  await assert.rejects(trust.require(workspaceIn(here, { id: "ws-other" }), use()), {
    message: /you have not trusted it on this machine/,
  });
  await assert.rejects(trust.require(workspaceIn(copy), use()), {
    message: new RegExp(`you trust it in "${here}", from where it was moved or copied, and not here`),
  });
  const [decision] = store.decisions.values();
  store.decisions.set(here, { ...decision!, owner: decision!.owner + 1 });
  await assert.rejects(trust.require(workspaceIn(here), use()), { code: "workspace_untrusted" });
});

Deno.test("Trust finds the decision through a link to the workspace", async () => {
  await using dir = await tempDir();
  const trust = memoryTrust();
  await Deno.mkdir(join(dir.path, "real"));
  await Deno.symlink("real", join(dir.path, "link"));
  await trust.approve(workspaceIn(join(dir.path, "link")), [GRAD]);
  await trust.require(workspaceIn(join(dir.path, "real")), use());
});

Deno.test("Trust.require() resolves links of folders, and returns the resolved ones", async () => {
  await using dir = await tempDir();
  const trust = memoryTrust();
  const [w, a, b, link] = ["w", "a", "b", "link"].map((name) => join(dir.path, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const each of [w, a, b]) await Deno.mkdir(each);
  await Deno.symlink(a, link);
  const workspace = workspaceIn(w);
  await trust.approve(workspace, [GRAD, { kind: "directory", path: a, access: "read-only" }]);
  const [sent] = await trust.require(workspace, use(directory(link)));
  assert.deepEqual(sent!.source, { type: "directory", path: a });
  await Deno.remove(link);
  await Deno.symlink(b, link);
  await assert.rejects(trust.require(workspace, use(directory(link))), {
    message: new RegExp(`folder: "${b}"`),
  });
  // A link to what does not exist yet leads where it will be.
  await Deno.remove(link);
  await Deno.symlink("b/later", link);
  await assert.rejects(trust.require(workspace, use(directory(link))), {
    message: new RegExp(`"${b}/later"`),
  });
});

Deno.test("Trust.require() resolves links of a credentials file: a clone may bring one that leads to the user's own", async () => {
  await using dir = await tempDir();
  const trust = memoryTrust();
  const [w, keys, own] = ["w", "keys", "own"].map((name) => join(dir.path, name)) as [string, string, string];
  await Deno.mkdir(w);
  await Deno.writeTextFile(own, "");
  await Deno.symlink(own, keys);
  const workspace = { ...workspaceIn(w), home: dir.path };
  for (const file of [keys, "~/keys"]) {
    const wanted = use(s3({ credentials: { source: "profile", profile: "x", file } }));
    const state = await trust.stateOf(workspace, wanted);
    assert.match(state.wanted.map(describeGrant).join("\n"), new RegExp(`in "${own}"`));
    await trust.approve(workspace, state.wanted);
    const [dataset] = await trust.require(workspace, wanted);
    assert.deepEqual(dataset!.source.type === "s3" && dataset!.source.credentials, {
      source: "profile",
      profile: "x",
      file: own,
    });
  }
});

Deno.test("a folder of the workspace needs no decision to be read, and one to be written", async () => {
  await using dir = await tempDir();
  const trust = memoryTrust();
  const workspace = workspaceIn(dir.path);
  await Deno.mkdir(join(dir.path, "data"));
  await Deno.symlink("/usr", join(dir.path, "out"));
  await trust.approve(workspace, [GRAD]);
  const own = directory(join(dir.path, "data"));
  await trust.require(workspace, use(own));
  await assert.rejects(trust.require(workspace, use({ ...own, access: "read-write" })), {
    message: /data", read-write/,
  });
  await assert.rejects(trust.require(workspace, use(directory(join(dir.path, "out")))), {
    message: /"\/usr"/,
  });
  await assert.rejects(trust.require(workspace, use(directory(dir.path))), { code: "workspace_untrusted" });
});

Deno.test("Trust.require() refuses a folder with gractl's own, trusted or not", async () => {
  await using dir = await tempDir();
  const own = join(dir.path, "home/.config/gractl");
  await Deno.mkdir(join(own, "contexts"), { recursive: true });
  const trust = memoryTrust({ ownFolders: [own] });
  const w = join(dir.path, "w");
  await Deno.mkdir(w);
  const workspace = workspaceIn(w);
  for (const path of ["/", dir.path, own, join(own, "contexts")]) {
    await trust.approve(workspace, [GRAD, { kind: "directory", path: "/", access: "read-write" }]);
    await assert.rejects(trust.require(workspace, use(directory(path))), { code: "dataset_folder_refused" });
  }
  await trust.require(workspace, use(directory(join(dir.path, "home/.config/gractl-data"))));
});

Deno.test("Trust.extend() adds to a trusted workspace only", async () => {
  await using dir = await tempDir();
  const trust = memoryTrust();
  const workspace = workspaceIn(dir.path);
  const shelf = use(directory("/srv/shelf"));
  await trust.extend(workspace, shelf);
  assert.equal((await trust.stateOf(workspace, use())).state, "untrusted");
  await trust.approve(workspace, [GRAD]);
  assert.equal((await trust.stateOf(workspace, shelf)).state, "changed");
  await trust.extend(workspace, shelf);
  assert.equal((await trust.stateOf(workspace, shelf)).state, "trusted");
  await assert.rejects(trust.require(workspace, use(directory("/srv/other"))), {
    code: "workspace_untrusted",
  });
});

Deno.test("Trust.withdraw() forgets what only the removed dataset needed", async () => {
  await using dir = await tempDir();
  const trust = memoryTrust();
  const workspace = workspaceIn(dir.path);
  const [shelf, deep, bucket] = [directory("/srv/shelf"), directory("/srv/shelf/deep"), s3()];
  await trust.approve(workspace, (await trust.stateOf(workspace, use(shelf, deep, bucket))).wanted);
  await trust.withdraw(workspace, { removed: [bucket], left: [shelf, deep] });
  await trust.require(workspace, use(shelf, deep));
  await assert.rejects(trust.require(workspace, use(bucket)), { code: "workspace_untrusted" });
  await trust.withdraw(workspace, { removed: [shelf], left: [deep] });
  await trust.require(workspace, use(deep));
  await trust.withdraw(workspace, { removed: [deep], left: [] });
  await assert.rejects(trust.require(workspace, use(deep)), { code: "workspace_untrusted" });
  await trust.require(workspace, use());
});

Deno.test("Trust.revoke() forgets the decision", async () => {
  await using dir = await tempDir();
  const trust = memoryTrust();
  const workspace = workspaceIn(dir.path);
  assert.equal(await trust.revoke(workspace), false);
  await trust.approve(workspace, [GRAD]);
  assert.equal(await trust.revoke(workspace), true);
  await assert.rejects(trust.require(workspace, use()), { code: "workspace_untrusted" });
});

Deno.test("Trust.stateOf() leaves the grad out where the user has named one", async () => {
  await using dir = await tempDir();
  const trust = memoryTrust();
  const workspace = workspaceIn(dir.path, { grad: "lab" });
  await trust.approve(workspace, []);
  await trust.require(workspace, { grad: false, datasets: [] });
  await assert.rejects(trust.require(workspace, use()), { code: "workspace_untrusted" });
});
