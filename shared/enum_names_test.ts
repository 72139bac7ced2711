import assert from "node:assert/strict";
import { enumNames, enumNumbers } from "./enum_names.ts";

enum Phase {
  RUNNER_PHASE_UNSPECIFIED = 0,
  RUNNER_PHASE_READY = 1,
  RUNNER_PHASE_OUT_OF_MEMORY = 2,
  UNRECOGNIZED = -1,
}

Deno.test("enumNames() gives the names of the wire's numbers without their prefix", () => {
  const phase: (value: number) => "unspecified" | "ready" | "out_of_memory" = enumNames(
    Phase,
    "RUNNER_PHASE_",
  );
  assert.deepEqual([0, 1, 2].map(phase), ["unspecified", "ready", "out_of_memory"]);
});

Deno.test("enumNames() names an unknown number unspecified", () => {
  assert.deepEqual([-1, 3, NaN].map(enumNames(Phase, "RUNNER_PHASE_")), Array(3).fill("unspecified"));
});

Deno.test("enumNumbers() gives the wire's number of each name", () => {
  const numbers: Readonly<Record<"unspecified" | "ready" | "out_of_memory", Phase>> = enumNumbers(
    Phase,
    "RUNNER_PHASE_",
  );
  assert.deepEqual(numbers, { unspecified: 0, ready: 1, out_of_memory: 2 });
});
