import assert from "node:assert/strict";
import type { EventKind, ExecutionStatus } from "../../client/executions.ts";
import { eventsOf, EXECUTION } from "../../testing/fake_grad.ts";
import { exitOfStatus, Summary } from "./summary.ts";

const exits: [status: ExecutionStatus, exit: number][] = [
  ["succeeded", 0],
  ["failed", 1],
  ["deadline_exceeded", 4],
  ["out_of_memory", 5],
  ["crashed", 5],
  ["lost", 5],
  ["interrupted", 130],
  ["running", 0],
  ["unspecified", 6],
];
for (const [status, exit] of exits) {
  Deno.test(`exitOfStatus() of ${status} is ${exit}`, () => assert.equal(exitOfStatus(status), exit));
}

const ENDS = [
  "reset",
  "out_of_memory",
  "idle",
  "evicted",
  "crashed",
  "interrupted",
  "deadline_exceeded",
  "exited",
  "lost",
];
for (const previousEnd of ENDS) {
  Deno.test(`Summary.add() explains the end "${previousEnd}" in words`, () => {
    const started: EventKind = { type: "started", generation: 2, freshKernel: true, previousEnd };
    const warning = new Summary(EXECUTION).add(eventsOf(started)[0]!);
    assert.match(warning ?? "", /lost its variables: [a-z]+ [a-z]+/);
  });
}

const warnings: [name: string, kind: EventKind, text: RegExp | undefined][] = [
  [
    "lost variables",
    { type: "started", generation: 2, freshKernel: true, previousEnd: "crashed" },
    /crashed/,
  ],
  [
    "the variables of an idle session whose memory was needed",
    { type: "started", generation: 2, freshKernel: true, previousEnd: "evicted" },
    /idle, and other sessions needed its memory/,
  ],
  [
    "nothing of a first kernel",
    { type: "started", generation: 1, freshKernel: true, previousEnd: "" },
    undefined,
  ],
  [
    "nothing of a kernel that continues",
    { type: "started", generation: 2, freshKernel: false, previousEnd: "crashed" },
    undefined,
  ],
  [
    "omitted output",
    { type: "gap", gap: { of: "stdout", amount: 2 ** 20, path: "outputs/x" } },
    /1\.0 MiB of stdout .* outputs\/x/,
  ],
  [
    "omitted results",
    { type: "gap", gap: { of: "results", amount: 7, path: "" } },
    /^7 results are not shown$/,
  ],
];
for (const [name, kind, text] of warnings) {
  Deno.test(`Summary.add() returns a warning about ${name}`, () => {
    const warning = new Summary(EXECUTION).add(eventsOf(kind)[0]!);
    if (text === undefined) assert.equal(warning, undefined);
    else assert.match(warning ?? "", text);
  });
}
