import assert from "node:assert/strict";
import { isAsked, isForgotten, TOMBSTONE_MS } from "./runner.ts";
import { aRecord } from "./testing/records.ts";

const NOW = 1_000_000_000_000;

Deno.test("isForgotten() keeps a tombstone for seven days", () => {
  const tombstone = { endedAtMs: NOW, endedBy: "local", reason: "destroyed", message: "" } as const;
  const ended = aRecord({ status: { phase: "destroyed", tombstone } });
  assert.ok(!isForgotten(ended, NOW + TOMBSTONE_MS));
  assert.ok(isForgotten(ended, NOW + TOMBSTONE_MS + 1));
  assert.ok(!isForgotten(aRecord(), NOW));
});

Deno.test("isAsked() says whether a request has not been answered", () => {
  assert.ok(!isAsked(aRecord({ generation: 3, status: { observedGeneration: 3 } })));
  assert.ok(isAsked(aRecord({ generation: 4, status: { observedGeneration: 3 } })));
});
