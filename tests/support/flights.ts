import assert from "node:assert/strict";
import { join } from "node:path";
import { cacheFolder, runnerPython } from "../../shared/local_paths.ts";
import { describe, run } from "./process.ts";

const SCRIPT = new URL("flights.py", import.meta.url).pathname;

/** What pandas computes from the CSV files, to compare with what DuckDB computes from Parquet in S3. */
export type FlightFigures = Readonly<{
  rows: number;
  distance: number;
  byAirline: readonly Readonly<{ name: string; flights: number; delay: number }>[];
  boeing: number;
  byMonth: readonly number[];
}>;

/** A folder with flights/2013-*.parquet, airlines/, airports/, planes/, weather/; created once, in the cache folder. */
export async function flightsParquet(): Promise<string> {
  const dir = join(cacheFolder(Deno.env.toObject()), "test-data/nycflights13-1");
  const exists = await Deno.stat(dir).then(() => true, () => false);
  if (!exists) await python("make", dir);
  return dir;
}

export async function flightFigures(): Promise<FlightFigures> {
  return JSON.parse(await python("figures"));
}

async function python(...args: readonly string[]): Promise<string> {
  const ended = await run([runnerPython(Deno.env.toObject()), SCRIPT, ...args], {
    env: { PATH: "/usr/bin:/bin", TZ: "UTC" },
    cwd: "/",
  });
  assert.equal(ended.code, 0, describe(ended));
  return ended.stdout;
}
