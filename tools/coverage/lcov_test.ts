import assert from "node:assert/strict";
import { judge, parseLcov } from "./lcov.ts";

const REPORT = `SF:/tree/a.ts
DA:1,4
DA:2,0
BRDA:1,0,0,4
BRDA:1,0,1,0
end_of_record
SF:/tree/b.ts
DA:1,1
BRDA:1,0,0,-
end_of_record
SF:/tree/c.ts
DA:1,1
DA:3,1
BRDA:3,0,0,2
end_of_record
`;
const files = parseLcov(REPORT, "/tree/");

Deno.test("parseLcov() counts lines and branches", () => {
  assert.deepEqual(files[0], {
    file: "a.ts",
    lines: 2,
    linesHit: 1,
    branches: 2,
    branchesHit: 1,
    missedLines: [2],
    missedBranches: [1],
  });
  assert.deepEqual(files.map(({ file }) => file), ["a.ts", "b.ts", "c.ts"]);
});

Deno.test("judge() accepts complete files and a floor that is reached", () => {
  assert.deepEqual(judge(files, { complete: ["c.ts"], floorPercent: 80 }), { faults: [], percent: 80 });
});

Deno.test("judge() names what is missed, what is missing, and a floor that is not reached", () => {
  assert.deepEqual(judge(files, { complete: ["a.ts", "b.ts", "d.ts"], floorPercent: 81 }).faults, [
    "a.ts: lines that no test reaches: 2",
    "a.ts: branches that no test takes, at lines: 1",
    "b.ts: branches that no test takes, at lines: 1",
    "d.ts: no test reaches it (or it has moved: see tools/coverage/gates.json)",
    "80.0 % of all lines are reached, less than 81 %",
  ]);
});
