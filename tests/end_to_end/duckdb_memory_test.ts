import assert from "node:assert/strict";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

/** About 640 MiB: a table in memory, and a sort of it. Prints how many rows come out in order. */
const SORT = `
duckdb.sql("create table t as select hash(i) a, hash(i + 1) b, hash(i + 2) c, 'x' || i d from range(14_000_000) r(i)")
ordered = "select a, b, c, d, row_number() over (order by b) n from t"
print(duckdb.sql(f"select count(*), max(n) from ({ordered})").fetchall())
`;

scenario(
  "a sort in DuckDB of more data than the runner has memory succeeds",
  async ({ backend, workspace }) => {
    const cwd = await workspace();
    const create = ["runner", "create", "small", "--memory", "512MiB", "--cpu", "1", "--storage", "4GiB"];
    (await backend.gractl(create, { cwd })).exits(0);
    const args = ["--runner", "small"];

    // Without the limit that DuckDB is given here, as it was before: its own default is most of the machine's memory.
    const unlimited = `import duckdb\nduckdb.sql("set memory_limit = '20GiB'")\n${SORT}`;
    const ended = await execute(backend, cwd, unlimited, { args, exit: 5 });
    assert.equal(ended.status, "out_of_memory");

    const sorted = await execute(backend, cwd, `import duckdb\n${SORT}`, { args });
    assert.equal(sorted.stdout, "[(14000000, 14000000)]\n");
    const listed = (await backend.gractl(["file", "list", "--runner", "small", "-o", "json"], { cwd })).exits(
      0,
    );
    assert.ok(!listed.stdout.includes("duckdb-"), listed.stdout);

    // What a kernel spilled is deleted with it.
    const spilled = `import os; print(sorted(os.listdir("/var/tmp")))`;
    assert.match((await execute(backend, cwd, spilled, { args })).stdout, /'duckdb-\S+-2'/);
    (await backend.gractl(["session", "reset", "default", "--runner", "small"], { cwd })).exits(0);
    assert.equal((await execute(backend, cwd, spilled, { args })).stdout, "[]\n");
    (await backend.gractl(["runner", "destroy", "small"], { cwd })).exits(0);
  },
  { deadlineMs: 300_000 },
);

scenario("libraries have as many threads as the runner has cores", async ({ backend, workspace }) => {
  const cwd = await workspace();
  (await backend.gractl(["runner", "create", "one", "--cpu", "1"], { cwd })).exits(0);
  const code = `
import duckdb, os, pyarrow
print(duckdb.sql("select current_setting('threads')").fetchall(), pyarrow.cpu_count())
print(len(os.sched_getaffinity(0)))
print([os.environ[name] for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")])
`;
  const got = await execute(backend, cwd, code, { args: ["--runner", "one"] });
  const [libraries, cores, variables] = got.stdout.split("\n");
  assert.deepEqual([libraries, variables], ["[(1,)] 1", "['1', '1', '1']"]);
  // A pod has a share of the time of all cores.
  if (backend.name === "local") assert.equal(cores, "1");
  (await backend.gractl(["runner", "destroy", "one"], { cwd })).exits(0);
});
