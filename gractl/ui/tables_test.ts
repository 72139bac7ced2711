import assert from "node:assert/strict";
import { age } from "./age.ts";
import { printable } from "./printable.ts";
import { style } from "./style.ts";
import { renderFields, renderTable } from "./tables.ts";

const plain = style(false);

Deno.test("renderTable() aligns columns, numbers to the right, and shows what is missing", () => {
  const rows = [["a", 5, undefined], ["long name", 12345, "x"]];
  assert.equal(
    renderTable(["NAME", "COUNT", "MORE"], rows, { style: plain, empty: "none" }),
    "NAME       COUNT  MORE\na              5  -\nlong name  12345  x",
  );
});

Deno.test("renderTable() says when there is nothing", () => {
  assert.equal(renderTable(["NAME"], [], { style: plain, empty: "No runners." }), "No runners.");
});

Deno.test("renderFields() leaves out what is not there", () => {
  assert.equal(
    renderFields([["name", "a"], ["gone", undefined], ["id", ""], ["phase", "ready"]], plain),
    "name:   a\nphase:  ready",
  );
});

Deno.test("printable() makes visible what would act on a terminal", () => {
  assert.equal(printable("a\x1b[31m\n\tb\u2028é✓"), "a\\x1b[31m\\n\\tb\\x2028é✓");
});

const ages: [seconds: number, text: string][] = [[0, "0s"], [89, "89s"], [90, "2m"], [5_400, "2h"], [
  200_000,
  "2d",
]];
for (const [seconds, text] of ages) {
  Deno.test(`age() of ${seconds} s is ${text}`, () => assert.equal(age(new Date(0), seconds * 1_000), text));
}
