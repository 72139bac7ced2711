import assert from "node:assert/strict";
import { flightFigures, flightsParquet } from "./flights.ts";

Deno.test("flightsParquet() has a file for each month and table", async () => {
  const dir = await flightsParquet();
  const names = [...Deno.readDirSync(`${dir}/flights`)].map((entry) => entry.name).sort();
  assert.equal(names.length, 12);
  assert.equal(names[0], "2013-01.parquet");
  const head = (await Deno.readFile(`${dir}/airlines/airlines.parquet`)).subarray(0, 4);
  assert.equal(new TextDecoder().decode(head), "PAR1");
});

Deno.test("flightFigures() are those of the whole of 2013", async () => {
  const figures = await flightFigures();
  assert.equal(figures.rows, 336_776);
  assert.equal(figures.byMonth.reduce((sum, n) => sum + n, 0), 336_776);
  assert.equal(figures.byAirline.length, 16);
  assert.equal(figures.byAirline[0]?.name, "United Air Lines Inc.");
});
