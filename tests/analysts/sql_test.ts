/** Questions in SQL. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Options } from "../support/backend.ts";
import { execute, executionDocument } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";
import type { World } from "../support/suite.ts";
import { writeS3Dataset } from "../support/workspace_files.ts";

const scenario = suite();

/** A workspace with the dataset `flights`, of one table, and `nyc-2013`, of five; the scenarios of the file share it. */
let made: Promise<string> | undefined;
function flightsWorkspace({ backend, s3, workspace }: World): Promise<string> {
  return made ??= (async () => {
    const cwd = await workspace();
    const { bucket, server: { endpoint } } = s3;
    await writeS3Dataset(backend, cwd, { name: "flights", endpoint, bucket, prefix: "flights" });
    await writeS3Dataset(backend, cwd, { name: "nyc-2013", endpoint, bucket });
    return cwd;
  })();
}

async function sql(world: World, args: readonly string[], options: Options & { exit?: number } = {}) {
  const cwd = await flightsWorkspace(world);
  const call = await world.backend.gractl(["sql", "-o", "json", ...args], {
    ...options,
    cwd,
    env: { ...world.s3.env, ...options.env },
  });
  return executionDocument(call.exits(options.exit ?? 0));
}

/** The first result as text. */
function text({ results }: { results: { mime: Record<string, unknown> }[] }): string {
  return String(results[0]?.mime["text/plain"]);
}

scenario("a dataset is a table of its name", async (world) => {
  const answer = await sql(world, ["SELECT count(*) AS flights, sum(distance) AS miles FROM flights"]);
  assert.match(text(answer), /flights/);
  assert.match(text(answer), /336776/);
});

scenario("a dataset of several tables is a schema, joined by its tables' names", async (world) => {
  const query = `
    SELECT name, count(*) AS n FROM nyc_2013.flights JOIN "nyc-2013".airlines USING (carrier)
    GROUP BY name ORDER BY n DESC LIMIT 1`;
  assert.match(text(await sql(world, [query])), /United Air Lines Inc\..*58665/s);
});

scenario("the answer is kept for Python in the same session, and Python's frames for SQL", async (world) => {
  await sql(world, ["FROM flights LIMIT 7", "--session", "both"]);
  const cwd = await flightsWorkspace(world);
  const args = ["--session", "both"];
  const python = { args, env: world.s3.env };
  assert.equal((await execute(world.backend, cwd, "df = _.df(); print(len(df))", python)).stdout, "7\n");
  assert.match(text(await sql(world, ["SELECT count(*) AS n FROM df", ...args])), /7/);
});

scenario("a %%sql cell in a script's place", async (world) => {
  const cwd = await flightsWorkspace(world);
  const code = "%%sql busiest\nSELECT origin, count(*) AS n FROM flights GROUP BY ALL ORDER BY n DESC";
  const args = ["--session", "cells"];
  await execute(world.backend, cwd, code, { args, env: world.s3.env });
  const { stdout } = await execute(world.backend, cwd, "print(busiest.origin[0])", {
    args,
    env: world.s3.env,
  });
  assert.equal(stdout, "EWR\n");
});

scenario("execute-code --file query.sql", async (world) => {
  const cwd = await flightsWorkspace(world);
  await Deno.writeTextFile(
    join(cwd, "query.sql"),
    "-- months\nSELECT month, count(*) AS n\nFROM flights\nGROUP BY ALL\nORDER BY month;\n",
  );
  const call = await world.backend.gractl(["execute-code", "-o", "json", "--file", "query.sql"], {
    cwd,
    env: world.s3.env,
  });
  assert.match(text(executionDocument(call.exits(0))), /27004/);
});

scenario("a value from the command line", async (world) => {
  const query = "SELECT count(*) AS n FROM flights WHERE carrier = $carrier AND month = $month";
  const answer = await sql(world, [query, "--param", "carrier=UA", "--param", "month=1"]);
  assert.match(text(answer), /4637/);
});

scenario("a data frame of the same name is queried, and a sentence says so", async (world) => {
  const cwd = await flightsWorkspace(world);
  const args = ["--session", "hides"];
  const code = "import pandas as pd; flights = pd.DataFrame({'a': [41]})";
  await execute(world.backend, cwd, code, { args, env: world.s3.env });
  const answer = await sql(world, ["FROM flights", ...args]);
  assert.match(text(answer), /41/);
  assert.match(answer.stderr, /flights is the variable of this session, a DataFrame: `del flights`/);
});

scenario("a query's whole answer as a Parquet file", async (world) => {
  const query = "COPY (FROM flights WHERE month = 2) TO 'outputs/february.parquet'";
  const { artifacts, stdout } = await sql(world, [query]);
  assert.deepEqual(artifacts.map(({ path }) => path), ["outputs/february.parquet"]);
  assert.equal(stdout, "24,951 rows written.\n");
});

scenario("a misspelled table is an error of one sentence with the nearest name", async (world) => {
  const { error } = await sql(world, ["FROM flihgts"], { exit: 1 });
  assert.equal(error?.name, "CatalogException");
  assert.match(error!.message, /Did you mean "flights"/);
  assert.ok(error!.traceback.every((line) => !line.includes("site-packages")), error!.traceback.join("\n"));
});

scenario("a misspelled column is an error with the query's line", async (world) => {
  const { error } = await sql(world, ["SELECT carier\nFROM flights"], { exit: 1 });
  assert.match(error!.message, /Candidate bindings: "carrier"/);
  assert.match(error!.message, /LINE 1: SELECT carier/);
});

scenario("a query that takes too long is stopped, and the session keeps its tables", async (world) => {
  const args = ["--session", "stopped"];
  await sql(world, ["CREATE TABLE kept AS SELECT 42 AS x", ...args]);
  const query = "SELECT max(sqrt(a.range * b.range)) FROM range(10000000) a, range(10000000) b";
  const stopped = await sql(world, [query, ...args, "--timeout", "1s"], { exit: 4 });
  assert.equal(stopped.status, "deadline_exceeded");
  assert.match(text(await sql(world, ["FROM kept", ...args])), /42/);
});

scenario("SHOW TABLES and DESCRIBE know the datasets", async (world) => {
  assert.match(text(await sql(world, ["SHOW TABLES"])), /flights/);
  assert.match(text(await sql(world, ["DESCRIBE flights"])), /dep_delay/);
});
