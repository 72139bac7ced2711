import assert from "node:assert/strict";
import { age } from "./age.ts";
import { printable } from "./printable.ts";
import { styleFor } from "./style.ts";
import { renderFields, renderTable } from "./tables.ts";

const plain = styleFor(undefined);

Deno.test("renderTable() aligns columns, numbers to the right, and shows a dash for a missing value", () => {
  const rows = [["a", 5, undefined], ["long name", 12345, "x"]];
  assert.equal(
    renderTable(["NAME", "COUNT", "MORE"], rows, { style: plain, empty: "none" }),
    "NAME       COUNT  MORE\na              5  -\nlong name  12345  x",
  );
});

Deno.test("renderTable() aligns columns that have wide characters, emoji and combining accents", () => {
  const rows = [["東京", "a"], ["👩‍🚀", "b"], ["e\u0301te\u0301", "c"], ["🇫🇷 x", "d"]];
  assert.equal(
    renderTable(["NAME", "ID"], rows, { style: plain, empty: "" }),
    "NAME  ID\n東京  a\n👩‍🚀    b\ne\u0301te\u0301   c\n🇫🇷 x  d",
  );
});

const fits: [columns: number | undefined, text: string][] = [
  [undefined, "NAME           COUNT  ERROR\nname-of-a-run      5  a long message about it"],
  [45, "NAME           COUNT  ERROR\nname-of-a-run      5  a long message about it"],
  [36, "NAME           COUNT  ERROR\nname-of-a-run      5  a long messag…"],
  [28, "NAME         COUNT  ERROR\nname-of-a-…      5  a long …"],
  [10, "NAME      COUNT  ERROR\nname-of…      5  a long …"],
];
for (const [columns, text] of fits) {
  Deno.test(`renderTable() cuts the widest texts to ${columns ?? "no"} columns, the first column last`, () => {
    const rows = [["name-of-a-run", 5, "a long message about it"]];
    const style = { ...plain, columns };
    assert.equal(renderTable(["NAME", "COUNT", "ERROR"], rows, { style, empty: "" }), text);
  });
}

Deno.test("renderFields() aligns values behind names that have wide characters", () => {
  assert.equal(renderFields([["データ", "a"], ["id", "b"]], plain), "データ:  a\nid:      b");
});

Deno.test("renderTable() prints its text for no rows", () => {
  assert.equal(renderTable(["NAME"], [], { style: plain, empty: "No runners." }), "No runners.");
});

Deno.test("renderFields() leaves out fields without a value", () => {
  assert.equal(
    renderFields([["name", "a"], ["gone", undefined], ["id", ""], ["phase", "ready"]], plain),
    "name:   a\nphase:  ready",
  );
});

Deno.test("printable() makes control characters visible", () => {
  assert.equal(printable("a\x1b[31m\n\tb\u2028é✓"), "a\\x1b[31m\\n\\tb\\u2028é✓");
});

Deno.test("printable() makes visible what would change the direction of text", () => {
  assert.equal(printable("report\u202efdp.exe\u2066"), "report\\u202efdp.exe\\u2066");
});

const ages: [seconds: number, text: string][] = [[0, "0s"], [89, "89s"], [90, "2m"], [5_400, "2h"], [
  200_000,
  "2d",
]];
for (const [seconds, text] of ages) {
  Deno.test(`age() of ${seconds} s is ${text}`, () => assert.equal(age(new Date(0), seconds * 1_000), text));
}
