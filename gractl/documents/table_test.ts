import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/2020";
import { assertGolden } from "../../shared/testing/golden.ts";
import { styleFor } from "../ui/style.ts";
import { HARMLESS } from "../ui/testing/harmless.ts";
import { width } from "../ui/width.ts";
import { parseTable, type Table } from "./table.ts";
import { tableText } from "./table_text.ts";

/** What a kernel makes of tables of each library: its own tests write these files. */
const MADE = new URL("../../runner/tests/kernel/tables/testdata/", import.meta.url);
const NAMES = ["frame", "series", "arrow", "relation", "long_frame"];

const style = styleFor(undefined);
const read = (name: string) => Deno.readFile(new URL(`${name}.json`, MADE));
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

async function schemaAllows(): Promise<(value: unknown) => boolean> {
  const schema = await Deno.readTextFile(new URL("../../docs/schema/Table.json", import.meta.url));
  return new Ajv2020({ strict: true }).compile(JSON.parse(schema));
}

for (const name of NAMES) {
  Deno.test(`parseTable() reads the ${name} of a kernel, which the schema allows`, async () => {
    const bytes = await read(name);
    const table = parseTable(bytes);
    assert.deepEqual(table, JSON.parse(new TextDecoder().decode(bytes)));
    assert.ok((await schemaAllows())(table));
  });

  for (const columns of [undefined, 60]) {
    const where = columns === undefined ? "lines of any length" : `${columns} columns`;
    Deno.test(`tableText() of the ${name} in ${where}`, async () => {
      const text = tableText(parseTable(await read(name))!, { columns, style });
      assert.match(text, HARMLESS);
      const widest = Math.max(...text.split("\n").map(width));
      assert.ok(widest <= (columns ?? Infinity), `${widest} columns`);
      const file = `testdata/table/${name}.${columns ?? "any"}.txt`;
      await assertGolden(`${text}\n`, new URL(file, import.meta.url));
    });
  }
}

const SMALL: Table = {
  source: "x",
  columns: [{ name: "a", type: "int64" }],
  indexColumns: 0,
  columnCount: 1,
  rows: [[1]],
  lastRows: [],
  rowCount: 1,
  cutCells: 0,
};

const deep = (depth: number): unknown => depth === 0 ? 1 : [deep(depth - 1)];

const refused: Readonly<Record<string, unknown>> = {
  "no object": [],
  "no columns": { ...SMALL, columns: undefined },
  "too many columns": {
    ...SMALL,
    columns: Array(2_001).fill({ name: "", type: "" }),
    columnCount: 2_001,
    rows: [],
    rowCount: 0,
  },
  "a column without a name": { ...SMALL, columns: [{ type: "int64" }] },
  "a name of a megabyte": { ...SMALL, columns: [{ name: "x".repeat(1_001), type: "" }] },
  "fewer columns than it says": { ...SMALL, columnCount: 0 },
  "more index columns than columns": { ...SMALL, indexColumns: 2 },
  "a negative count": { ...SMALL, indexColumns: -1 },
  "a broken count": { ...SMALL, cutCells: 0.5 },
  "a row that is too short": { ...SMALL, rows: [[]] },
  "a row that is no list": { ...SMALL, rows: [{ 0: 1 }] },
  "too many rows": { ...SMALL, rows: Array(10_001).fill([1]), rowCount: 10_001 },
  "fewer rows than it has": { ...SMALL, rowCount: 0 },
  "last rows of an unknown number": { ...SMALL, rowCount: null, lastRows: [[2]] },
  "cells that are nested too deep": { ...SMALL, rows: [[deep(9)]] },
};
for (const [name, value] of Object.entries(refused)) {
  Deno.test(`parseTable() takes no table with ${name}`, () => {
    assert.deepEqual(parseTable(encode(SMALL)), SMALL);
    assert.equal(parseTable(encode(value)), undefined);
  });
}

const bytes: Readonly<Record<string, Uint8Array>> = {
  "no JSON": new TextEncoder().encode("{"),
  "no UTF-8": Uint8Array.of(0x22, 0xff, 0x22),
  "a million lists": new TextEncoder().encode("[".repeat(1_000_000)),
  "more than a megabyte": encode({ ...SMALL, more: "x".repeat(1_024 * 1_024) }),
};
for (const [name, value] of Object.entries(bytes)) {
  Deno.test(`parseTable() takes no ${name}`, () => assert.equal(parseTable(value), undefined));
}

Deno.test("parseTable() ignores fields that a newer kernel writes", () => {
  assert.deepEqual(parseTable(encode({ ...SMALL, later: 1 })), SMALL);
});

function table(
  columns: Record<string, [type: string, cells: Table["rows"][number]]>,
  more: Partial<Table> = {},
): Table {
  const all = Object.entries(columns);
  const rows = (all[0]?.[1][1] ?? []).map((_, at) => all.map(([, [, cells]]) => cells[at]!));
  return {
    ...SMALL,
    columns: all.map(([name, [type]]) => ({ name, type })),
    columnCount: all.length,
    rows,
    rowCount: rows.length,
    ...more,
  };
}

const texts: [name: string, table: Table, columns: number | undefined, text: string][] = [
  [
    "aligns numbers to the right and keeps their decimals",
    table({ n: ["int64", [1, "9007199254740993"]], f: ["float64", [1, 0.25]], s: ["str", ["a", null]] }),
    undefined,
    "               n     f  s\n               1  1.00  a\n9007199254740993  0.25  null",
  ],
  ["shows one decimal of whole floats", table({ f: ["float64", [1, "NaN"]] }), undefined, "  f\n1.0\nNaN"],
  [
    "writes huge and tiny floats by powers of ten",
    table({ f: ["float64", [1e20, 1]] }),
    undefined,
    "          f\n1.00000e+20\n 1.00000e+0",
  ],
  [
    "leaves midnight out of days",
    table({ t: ["timestamp[us]", ["2020-01-01T00:00:00", null]] }),
    undefined,
    "t\n2020-01-01\nnull",
  ],
  [
    "writes instants with a space",
    table({ t: ["timestamp[us]", ["2020-01-01T00:00:00", "2020-01-01T01:00:00"]] }),
    undefined,
    "t\n2020-01-01 00:00:00\n2020-01-01 01:00:00",
  ],
  [
    "counts wide characters",
    table({ "標題": ["str", ["a"]], x: ["str", ["b"]] }),
    undefined,
    "標題  x\na     b",
  ],
  ["says that there are no rows", table({ a: ["str", []] }), undefined, "a\n[0 rows × 1 column]"],
  [
    "says that it was not counted",
    table({ a: ["int64", [1]] }, { rowCount: null }),
    undefined,
    "a\n1\n…\n[more rows × 1 column]",
  ],
  [
    "says that columns are missing",
    table({ a: ["int64", [1]] }, { columnCount: 3 }),
    undefined,
    "a\n1\n[1 row × 3 columns]\n[2 of the columns are not shown: select the ones that you need]",
  ],
  [
    "shortens texts to fit",
    table({ a: ["str", ["x".repeat(50)]], b: ["int64", [1]] }),
    30,
    "a                 b\nxxxxxxxxxxxxxxx…  1",
  ],
  [
    "breaks columns that do not fit into blocks, with the index in each",
    table({ i: ["int64", [0]], a: ["int64", [12345678]], b: ["int64", [12345678]] }, { indexColumns: 1 }),
    14,
    "i         a\n0  12345678\n\ni         b\n0  12345678\n[1 row × 2 columns]",
  ],
];
for (const [name, value, columns, text] of texts) {
  Deno.test(`tableText() ${name}`, () => assert.equal(tableText(value, { columns, style }), text));
}

Deno.test("tableText() shows the beginning and the end of a long table", () => {
  const cells = Array.from({ length: 100 }, (_, at) => at);
  const lines = tableText(table({ n: ["int64", cells] }), { columns: undefined, style }).split("\n");
  assert.deepEqual(lines.slice(19, 26).map((line) => line.trim()), ["18", "19", "…", "95", "96", "97", "98"]);
  assert.equal(lines.at(-1), "[100 rows × 1 column]");
});

Deno.test("tableText() never leaves a column out where no terminal bounds the line, and says so where one does", () => {
  const many = Object.fromEntries(
    Array.from({ length: 400 }, (_, at) => [`column_${at}`, ["str", ["v"]]] as [string, ["str", string[]]]),
  );
  const wide = tableText(table(many), { columns: undefined, style });
  assert.match(wide, /column_399/);
  const long = table({ ...many }, { rows: Array(60).fill(Array(400).fill("v")), rowCount: 60 });
  const narrow = tableText(long, { columns: 80, style });
  assert.match(narrow, /\[60 rows × 400 columns\]\n\[\d+ of the columns are not shown/);
});
