/**
 * `make bench [ONLY=name]`: measures what the issues promise, each with its baseline in the same run, prints a table and
 * writes results.json beside this file. Not part of CI: figures are for people to read.
 */
import { thisMachine } from "./machine.ts";
import { type Figure, table } from "./measure.ts";
import { idleFigures } from "./idle.ts";
import { outputFigures } from "./output.ts";
import { processFigures } from "./process.ts";
import { sessionFigures } from "./sessions.ts";
import { firstResultFigures, warmFigures } from "./warm.ts";
import { startGrad } from "./grad_fixture.ts";

const all = {
  warm: warmFigures,
  first: firstResultFigures,
  process: processFigures,
  output: outputFigures,
  sessions: sessionFigures,
  idle: idleFigures,
};
const only = Deno.args.length > 0 ? Deno.args : Object.keys(all);
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(all)) {
  if (!only.includes(name)) continue;
  console.error(`measuring ${name} …`);
  await using grad = await startGrad();
  figures.push(...await measure(grad));
}
console.log(table(figures));
const machine = thisMachine();
const file = new URL("results.json", import.meta.url);
const results = { measuredAt: new Date().toISOString(), machine, figures };
if (only.length < Object.keys(all).length) {
  // Only some were measured: their figures replace the older ones, with the time of their own.
  const older = JSON.parse(await Deno.readTextFile(file));
  const names = new Set(figures.map((figure) => figure.name));
  const rest = older.figures.filter((figure: Figure) => !names.has(figure.name));
  Object.assign(results, older, {
    figures: [...rest, ...figures.map((figure) => ({ ...figure, measuredAt: results.measuredAt }))],
  });
}
await Deno.writeTextFile(file, JSON.stringify(results, null, 2) + "\n");
