import assert from "node:assert/strict";
import { join } from "node:path";
import type { Backend } from "../support/backend.ts";
import { killComponent } from "../support/components.ts";
import { execute } from "../support/execution_document.ts";
import { keysEnv, type NycS3 } from "../support/nyc_s3.ts";
import { suite } from "../support/suite.ts";
import { type Access, writeDirectoryDataset, writeS3Dataset } from "../support/workspace_files.ts";

const scenario = suite();

/** Folders of this machine are a type of dataset of its own runners alone. */
const hasFolders = ({ name }: Backend) => name === "local";

/** A dataset of each type with each access, in a workspace of its own. */
async function makeShelves(backend: Backend, s3: NycS3, bucket: string) {
  const { endpoint, uploader, admin } = s3.server;
  const cwd = await backend.makeWorkspace();
  await uploader.makeBucket(bucket);
  for (const name of ["s3-a", "s3-b"]) await uploader.put(bucket, `${name}/x.txt`, "x");
  if (hasFolders(backend)) {
    for (const name of ["dir-a", "dir-b"]) {
      await Deno.mkdir(join(backend.dir, bucket, name), { recursive: true });
    }
  }
  return {
    cwd,
    env: keysEnv(admin),
    /** All of `-a` get one access, all of `-b` the other. */
    async describe(a: Access) {
      for (const [letter, access] of [["a", a], ["b", other(a)]] as const) {
        await writeS3Dataset(backend, cwd, {
          name: `s3-${letter}`,
          endpoint,
          bucket,
          prefix: `s3-${letter}`,
          access,
        });
        if (!hasFolders(backend)) continue;
        await writeDirectoryDataset(
          backend,
          cwd,
          `dir-${letter}`,
          join(backend.dir, bucket, `dir-${letter}`),
          access,
        );
      }
    },
  };
}

function other(access: Access): Access {
  return access === "read-only" ? "read-write" : "read-only";
}

/** Tries to write to each dataset and beside them; tells which let it. */
const TRY = `
import errno, os
def tried(path):
    try:
        with open(path, "w") as f: f.write("written")
        return os.remove(path)
    except OSError as e: return errno.errorcode[e.errno]
root = "/workspace/data"
names = sorted(os.listdir(root))
print(*(f"{name}:{tried(f'{root}/{name}/tried.txt') or 'wrote'}" for name in names), tried(f"{root}/beside"))
try: os.mkdir(f"{root}/new")
except OSError as e: print(errno.errorcode[e.errno])
`;

function told(backend: Backend, a: Access): string {
  const [says, otherwise] = a === "read-write" ? ["wrote", "EROFS"] : ["EROFS", "wrote"];
  const folders = hasFolders(backend) ? `dir-a:${says} dir-b:${otherwise} ` : "";
  return `${folders}s3-a:${says} s3-b:${otherwise} EROFS\nEROFS\n`;
}

scenario(
  "each dataset has its own access, whenever it is mounted and however it changes",
  async ({ backend, s3 }) => {
    const { cwd, env, describe } = await makeShelves(backend, s3, "shelves");
    const tries = async (args: string[] = []) => (await execute(backend, cwd, TRY, { env, args })).stdout;
    await describe("read-write"); // mounted when the kernel component runs already
    assert.equal(await tries(), told(backend, "read-write"));
    await describe("read-only"); // changed under a kernel that runs
    assert.equal(await tries(), told(backend, "read-only"));
    await killComponent(backend, cwd, "kernel"); // mounted before the kernel component starts
    assert.equal(await tries(["--session", "after-a-restart"]), told(backend, "read-only"));
    await describe("read-write");
    assert.equal(await tries(["--session", "after-a-restart"]), told(backend, "read-write"));
    await killComponent(backend, cwd, "kernel");
    assert.equal(await tries(["--session", "after-another"]), told(backend, "read-write"));
  },
);

scenario(
  "datasets are back with the execution after the data component was killed",
  async ({ backend, s3 }) => {
    const { cwd, env, describe } = await makeShelves(backend, s3, "killed");
    await describe("read-write");
    const tries = async () => (await execute(backend, cwd, TRY, { env })).stdout;
    assert.equal(await tries(), told(backend, "read-write"));
    assert.equal(await tries(), told(backend, "read-write")); // grad has told the data component the same twice
    for (let times = 1; times <= 2; times++) {
      await killComponent(backend, cwd, "data");
      assert.equal(await tries(), told(backend, "read-write"));
    }
    await (await backend.component(cwd, "data"))?.kill();
    assert.equal(await tries(), told(backend, "read-write")); // and while it is away
  },
);

/** Ways to write a new file. */
const WRITES = {
  dropped: 'open(f"{root}/dropped.txt", "w").write("x")',
  closed: 'with open(f"{root}/closed.txt", "w") as f: f.write("x")',
  parquet: 'import pandas as pd; pd.DataFrame({"a": [1]}).to_parquet(f"{root}/new.parquet")',
  duckdb: "import duckdb; duckdb.sql(f\"copy (select 1) to '{root}/new.csv' (use_tmp_file true)\")",
};

scenario("a write that S3 refuses is told to who writes, however it is written", async ({ backend, s3 }) => {
  const { endpoint, uploader, addUser } = s3.server;
  const cwd = await backend.makeWorkspace();
  const keys = await addUser("halfwriter");
  backend.keepSecret(keys.secretAccessKey);
  await uploader.makeBucket("half");
  for (const folder of ["open", "shut"]) await uploader.put("half", `${folder}/x.txt`, "x");
  await uploader.allowWriting("half", keys.accessKeyId, ["open/*", ".grad-write-check"]);
  await writeS3Dataset(backend, cwd, { name: "half", endpoint, bucket: "half", access: "read-write" });
  const run = (folder: string, code: string, exit: number) =>
    execute(backend, cwd, `root = "/workspace/data/half/${folder}"\n${code}`, { env: keysEnv(keys), exit });
  for (const code of Object.values(WRITES)) assert.equal((await run("open", code, 0)).stderr, "");
  const dropped = await run("shut", WRITES.dropped, 0);
  assert.match(dropped.stderr, /Exception ignored in: .*dropped\.txt[^]*Operation not permitted/);
  assert.match((await run("shut", WRITES.closed, 1)).error?.name ?? "", /PermissionError/);
  assert.match((await run("shut", WRITES.parquet, 1)).error?.name ?? "", /OSError/);
  assert.match((await run("shut", WRITES.duckdb, 1)).error?.name ?? "", /IOException/);
  assert.deepEqual(await uploader.list("half", "shut/"), ["shut/x.txt"]);
});
