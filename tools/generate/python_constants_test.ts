import assert from "node:assert/strict";
import { constantsModule, errorsModule, plainModule } from "./python_constants.ts";

const FROM = { from: "shared/x.ts" };

Deno.test("constantsModule() writes whole numbers and patterns with their comments, in order", () => {
  const source = `/** The file. */

/** A name:
 * two lines. */
export const NAME = /^[a-z]+$/;
/** Bytes. */
export const MAX_BYTES = 4 * MIB;
`;
  assert.equal(
    constantsModule({ MAX_BYTES: 4 * 2 ** 20, NAME: /^[a-z]+$/ }, { ...FROM, source }),
    `# Written by tools/generate.ts. DO NOT EDIT.
"""The constants of shared/x.ts. Patterns are for \`fullmatch\`."""

import re
from typing import Final

NAME: Final = re.compile(r"[a-z]+")
"""A name: two lines."""

MAX_BYTES: Final = 4_194_304
"""Bytes."""
`,
  );
});

const refused: [name: string, value: unknown, comment: string, message: RegExp][] = [
  ["a constant without a comment", 1, "", /X has no comment/],
  ["a fraction", 1.5, "/** Of. */\n", /no whole number/],
  ["a list", [1], "/** Of. */\n", /no whole number/],
  ["a pattern with an open end", /^a/, "/** Of. */\n", /not \^…\$/],
  ["a pattern with a flag", /^a$/i, "/** Of. */\n", /not \^…\$/],
  ["a class that Python reads as Unicode", /^\w$/, "/** Of. */\n", /only ASCII/],
  ["a group that Python writes otherwise", /^(?<a>b)$/, "/** Of. */\n", /only ASCII/],
  ["a character outside of ASCII", /^ü$/, "/** Of. */\n", /only ASCII/],
];
for (const [name, value, comment, message] of refused) {
  Deno.test(`constantsModule() refuses ${name}`, () => {
    const good = "/** Of. */\nexport const X = …;\n";
    assert.match(constantsModule({ X: 7 }, { ...FROM, source: good }), /^X: Final = 7$/m);
    const source = `${comment}export const X = …;\n`;
    assert.throws(() => constantsModule({ X: value }, { ...FROM, source }), { message });
  });
}

Deno.test("errorsModule() writes each code, its status and its remedy", () => {
  const text = errorsModule({
    usage: { status: "INVALID_ARGUMENT", remedy: 'Read "x".' },
    internal: { status: "INTERNAL", remedy: "Report it." },
  });
  assert.match(text, /^ {4}"usage": "Read \\"x\\"\.",\n {4}"internal": "Report it\.",\n\}$/m);
  assert.match(text, /^ErrorCode = Literal\[\n {4}"usage",\n {4}"internal",\n\]$/m);
  assert.match(text, /= \{\n {4}"usage": "INVALID_ARGUMENT",\n {4}"internal": "INTERNAL",\n\}$/m);
});

Deno.test("plainModule() writes texts so that Python reads the same", () => {
  const text = plainModule('He said """no""".', { VERSION: '1.2.3-"a"\\b', COUNT: 1_000 });
  assert.match(text, /^"""He said '''no'''\."""$/m);
  assert.ok(text.includes('VERSION: Final = "1.2.3-\\"a\\"\\\\b"\nCOUNT: Final = 1_000\n'), text);
});
