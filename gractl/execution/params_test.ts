import assert from "node:assert/strict";
import { parsePairs, toParamsJson } from "./params.ts";
import { parseParamsFile } from "./params_file.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const cases: [name: string, pairs: string[], json: string][] = [
  [
    "takes JSON values",
    ["a=1", "b=[1,2]", 'c={"x":null}', "d=true"],
    '{"a":1,"b":[1,2],"c":{"x":null},"d":true}',
  ],
  [
    "takes anything else as a string",
    ["a=hello", "b=", "c=1=2", "d=NaN"],
    '{"a":"hello","b":"","c":"1=2","d":"NaN"}',
  ],
  ["keeps every digit", ["n=12345678901234567890"], '{"n":12345678901234567890}'],
  ["uses the last value of a name", ["a=1", "a=2"], '{"a":2}'],
  ["is empty without parameters", [], ""],
];
for (const [name, pairs, json] of cases) {
  Deno.test(`parsePairs() ${name}`, () => assert.equal(toParamsJson(parsePairs(pairs)), json));
}

for (const pair of ["novalue", "=1", "1a=2", "a-b=1", "ä=1"]) {
  Deno.test(`parsePairs() refuses ${pair}`, () => {
    assert.throws(() => parsePairs([pair]), { code: "invalid_argument" });
  });
}

Deno.test("parsePairs() tells a missing name from a missing value", () => {
  assert.throws(() => parsePairs(["=1"]), { message: /"" as the name/ });
  assert.throws(() => parsePairs(["year"]), { hint: /--param NAME=VALUE/ });
});

Deno.test("toParamsJson() lets later parameters override earlier ones", async () => {
  const file = await parseParamsFile("p.json", bytes('{"a": 1, "big": 12345678901234567890}'));
  assert.equal(toParamsJson(file, parsePairs(["a=2"])), '{"a":2,"big":12345678901234567890}');
});

Deno.test("parseParamsFile() reads YAML", async () => {
  const params = await parseParamsFile("p.yaml", bytes("year: 2013\ncarriers: [AA, UA]\nratio: 0.5\n"));
  assert.equal(toParamsJson(params), '{"year":2013,"carriers":["AA","UA"],"ratio":0.5}');
});

const floats: [yaml: string, json: string][] = [
  ["1.0", "1.0"],
  ["-2.", "-2.0"],
  ["1e3", "1000.0"],
  ["1e300", "1e+300"],
  [".5", "0.5"],
  ["1", "1"],
  ["12345678901234567890", "12345678901234567890"],
  ["[1.0, {b: 2.0}]", '[1.0,{"b":2.0}]'],
];
for (const [yaml, json] of floats) {
  Deno.test(`parseParamsFile() keeps ${yaml} of YAML a number of its kind`, async () => {
    assert.equal(toParamsJson(await parseParamsFile("p.yaml", bytes(`a: ${yaml}`))), `{"a":${json}}`);
  });
}

for (const yaml of [".inf", "-.inf", ".nan"]) {
  Deno.test(`parseParamsFile() refuses ${yaml} of YAML, which JSON has not`, () =>
    assert.rejects(parseParamsFile("p.yaml", bytes(`x: 1\na: ${yaml}`)), { message: /p\.yaml:2:4: / }));
}

for (const text of ["- 1", "just text", "{a: 1"]) {
  Deno.test(`parseParamsFile() refuses ${JSON.stringify(text)}`, () =>
    assert.rejects(parseParamsFile("p.yaml", bytes(text)), { code: "invalid_file" }));
}

Deno.test("parseParamsFile() reports the position of a fault", () =>
  assert.rejects(parseParamsFile("p.yaml", bytes("a: 1\nb: [1")), { message: /p\.yaml:2:\d+: / }));

Deno.test("parseParamsFile() refuses aliases that grow without bound, and a file that is too long", async () => {
  const levels = ["a", "b", "c", "d"].map((name, at, all) => {
    const item = at === 0 ? "x" : `*${all[at - 1]}`;
    return `${name}: &${name} [${Array(9).fill(item).join(", ")}]\n`;
  });
  for (const text of [levels.join(""), "a: *missing\n", " ".repeat(4 * 2 ** 20 + 1)]) {
    await assert.rejects(parseParamsFile("p.yaml", bytes(text)), { code: "invalid_file" });
  }
});
