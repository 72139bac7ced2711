import assert from "node:assert/strict";
import { join } from "node:path";
import { systemIds } from "../../../shared/ids.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { type Decision, formatDecision, parseDecision } from "./decision_file.ts";
import { fileTrustStore } from "./trust_store.ts";

const uid = Deno.uid() ?? 0;
const decision = (path: string, ...grants: Decision["grants"]): Decision => ({
  path,
  workspaceId: "ws-abcdefgh12345678",
  owner: uid,
  grants,
});

function storeIn(dir: string) {
  const folder = join(dir, "state/gractl/trust");
  const store = fileTrustStore({ folder, uid, ids: systemIds });
  const files = async () =>
    (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).filter((name) =>
      name.endsWith(".json")
    );
  return { folder, store, file: async () => join(folder, (await files())[0]!), files };
}

Deno.test("fileTrustStore() keeps decisions in files that only the user can open", async () => {
  await using dir = await tempDir();
  const { folder, store, file } = storeIn(dir.path);
  assert.equal(await store.read("/w"), undefined);
  assert.deepEqual(await store.all(), []);
  const kept = decision("/w", { kind: "grad", context: "local" });
  await store.update("/w", (old) => (assert.equal(old, undefined), kept));
  assert.deepEqual(await store.read("/w"), kept);
  assert.deepEqual(await store.all(), [kept]);
  assert.equal((await Deno.stat(folder)).mode! & 0o777, 0o700);
  assert.equal((await Deno.stat(await file())).mode! & 0o777, 0o600);
  await store.update("/w", () => undefined);
  assert.equal(await store.read("/w"), undefined);
  await store.update("/w", () => undefined);
});

Deno.test("fileTrustStore() reports a damaged file, and trusts nothing by it", async () => {
  await using dir = await tempDir();
  const { store, file } = storeIn(dir.path);
  await store.update("/w", () => decision("/w"));
  const path = await file();
  const whole = await Deno.readTextFile(path);
  for (
    const text of ["", "{", whole.slice(0, 40), whole.replace('"/w"', '"/other"'), whole.replace("1", "2")]
  ) {
    await Deno.writeTextFile(path, text);
    await assert.rejects(store.read("/w"), { code: "trust_file_invalid", message: new RegExp(path) });
    await assert.rejects(store.update("/w", () => decision("/w")), { code: "trust_file_invalid" });
  }
  await Deno.remove(path);
  await store.update("/w", () => decision("/w"));
});

Deno.test("fileTrustStore() refuses a file or a folder that others could have written", async () => {
  await using dir = await tempDir();
  const { folder, store, file } = storeIn(dir.path);
  await store.update("/w", () => decision("/w"));
  const path = await file();
  for (const [what, good, bad] of [[path, 0o600, 0o620], [folder, 0o700, 0o777]] as const) {
    await Deno.chmod(what, bad);
    await assert.rejects(store.read("/w"), { code: "permission_denied" });
    await Deno.chmod(what, good);
  }
  await Deno.remove(path);
  await dir.write("elsewhere.json", formatDecision(decision("/w")));
  await Deno.symlink(join(dir.path, "elsewhere.json"), path);
  await assert.rejects(store.read("/w"), { code: "permission_denied" });
});

Deno.test("fileTrustStore() loses nothing when processes write at the same time", async () => {
  await using dir = await tempDir();
  const { store } = storeIn(dir.path);
  const script = join(dir.path, "add.ts");
  const here = new URL(".", import.meta.url);
  await Deno.writeTextFile(
    script,
    `import { fileTrustStore } from ${JSON.stringify(new URL("trust_store.ts", here).href)};
import { systemIds } from ${JSON.stringify(new URL("../../../shared/ids.ts", here).href)};
const [folder, uid, name] = Deno.args;
const store = fileTrustStore({ folder, uid: Number(uid), ids: systemIds });
for (let at = 0; at < 10; at++) {
  await store.update("/w", (old) => ({ ...old!, grants: [...old!.grants, { kind: "grad", context: name + at }] }));
}
`,
  );
  await store.update("/w", () => decision("/w"));
  const folder = join(dir.path, "state/gractl/trust");
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const ended = await Promise.all(["a", "b", "c"].map((name) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--config", config, "-A", script, folder, String(uid), name],
    }).output()
  ));
  for (const { success, stderr } of ended) assert.ok(success, new TextDecoder().decode(stderr));
  const names = (await store.read("/w"))!.grants.map((grant) => grant.kind === "grad" ? grant.context : "");
  assert.deepEqual(
    names.sort(),
    ["a", "b", "c"].flatMap((name) => Array.from({ length: 10 }, (_, at) => name + at)).sort(),
  );
});

Deno.test("parseDecision() reads what formatDecision() writes, and nothing else", () => {
  const whole = decision(
    "/w",
    { kind: "grad", context: "local" },
    { kind: "directory", path: "/srv", access: "read-write" },
    {
      kind: "s3",
      endpoint: "",
      bucket: "nyc",
      prefix: "",
      access: "read-only",
      credentials: { source: "profile", profile: "p", file: "" },
    },
  );
  assert.deepEqual(parseDecision(formatDecision(whole)), whole);
  for (
    const grant of [
      null,
      { kind: "everything" },
      { kind: "grad" },
      { kind: "directory", path: "relative", access: "read-only" },
      { kind: "directory", path: "/srv", access: "all" },
      { ...whole.grants[2], credentials: { source: "profile" } },
      { ...whole.grants[2], bucket: 1 },
    ]
  ) {
    assert.equal(parseDecision(JSON.stringify({ version: 1, ...whole, grants: [grant] })), undefined);
  }
});
