import assert from "node:assert/strict";
import { apply } from "./mutant.ts";
import { typescriptMutants } from "./typescript_operators.ts";

function mutantsOf(source: string): string[] {
  return typescriptMutants("x.ts", source).map((mutant) => apply(mutant, source)).sort();
}

const cases: { name: string; source: string; want: string[] }[] = [
  {
    name: "moves boundaries and negates conditions",
    source: "if (a < b) c;",
    want: ["if (!(a < b)) c;", "if (a <= b) c;"],
  },
  { name: "exchanges equality only once", source: "if (a === b) c;", want: ["if (a !== b) c;"] },
  { name: "removes flags", source: "const f = A | B;", want: ["const f = A;", "const f = B;"] },
  { name: "leaves types alone", source: "type T = A | B; const x: A | B = y;", want: [] },
  { name: "leaves constants of the top level alone", source: "const MAX = 5;", want: [] },
  {
    name: "changes numbers within functions",
    source: "const f = () => g(5);",
    want: ["const f = () => g(4);", "const f = () => g(6);"],
  },
  {
    name: "removes statements and returned values",
    source: "function f() { g(); return h; }",
    want: ["function f() { ; return h; }", "function f() { g(); return undefined as never; }"],
  },
  {
    name: "changes bounds of patterns",
    source: "const P = /a{0,38}b/;",
    want: ["const P = /a{1,38}b/;", "const P = /a{0,37}b/;", "const P = /a{0,39}b/;"],
  },
  { name: "removes throws", source: "function f() { throw e; }", want: ["function f() { ; }"] },
  { name: "leaves logs alone", source: "function f() { this.#log.info(1 + x); }", want: [] },
  {
    name: "leaves sums of texts alone",
    source: 'const f = (x: string) => "a" + x;',
    want: [],
  },
];
for (const { name, source, want } of cases) {
  Deno.test(`typescriptMutants() ${name}`, () => assert.deepEqual(mutantsOf(source), want.sort()));
}
