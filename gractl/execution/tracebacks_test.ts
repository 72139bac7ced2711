import assert from "node:assert/strict";
import type { EventKind } from "../client/executions.ts";
import { eventsOf, STARTED } from "../testing/fake_grad.ts";
import { tracebacks } from "./tracebacks.ts";

const raised = (fullTraceback: string[]): EventKind => ({
  type: "error",
  error: { code: "code_raised", name: "E", message: "", traceback: ["short"], hint: "", fullTraceback },
});

const cases: [name: string, full: boolean, fullTraceback: string[], shown: string[]][] = [
  ["the short traceback", false, ["long"], ["short"]],
  ["the full traceback where it is asked for", true, ["long"], ["long"]],
  ["the only traceback that there is", true, [], ["short"]],
];
for (const [name, full, fullTraceback, shown] of cases) {
  Deno.test(`tracebacks() shows ${name}`, async () => {
    const events = (async function* () {
      yield* eventsOf(STARTED, raised(fullTraceback));
    })();
    const [started, error] = await Array.fromAsync(tracebacks(events, { full }));
    assert.equal(started?.type, "started");
    assert.deepEqual(error?.type === "error" && error.error.traceback, shown);
  });
}
