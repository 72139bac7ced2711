import assert from "node:assert/strict";
import { cpuMillis, mebibytes } from "./quantity.ts";

Deno.test("cpuMillis() reads cores and thousandths of a core", () => {
  const cases = { "2": 2000, "0.5": 500, "500m": 500, "1.25": 1250, "0": undefined, "2 cores": undefined };
  for (const [text, millis] of Object.entries(cases)) assert.equal(cpuMillis(text), millis, text);
});

Deno.test("mebibytes() reads decimal and binary units", () => {
  const cases = {
    "4Gi": 4096,
    "512Mi": 512,
    "1.5Gi": 1536,
    "1G": 953,
    "1048576": 1,
    "1Ki": undefined,
    "4GiB": undefined,
    "": undefined,
  };
  for (const [text, mib] of Object.entries(cases)) assert.equal(mebibytes(text), mib, text);
});
