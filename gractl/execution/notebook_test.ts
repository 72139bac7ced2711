import assert from "node:assert/strict";
import { notebookCode } from "./notebook.ts";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const code = (source: unknown) => ({ cell_type: "code", source, outputs: [], metadata: {} });
const notebook = (cells: unknown, more: Record<string, unknown> = {}) =>
  bytes({ cells, nbformat: 4, metadata: {}, ...more });

Deno.test("notebookCode() has the code cells below their headings, without text and empty cells", () => {
  const cells = [
    { cell_type: "markdown", source: ["# Title"] },
    code(["import os\n", "x = 1"]),
    code("  \n"),
    code("%%sql\nselect 1\n\n"),
    { cell_type: "raw", source: "raw" },
  ];
  assert.equal(
    notebookCode("a.ipynb", notebook(cells)),
    "%%cells a.ipynb # %%\n# %% 1\nimport os\nx = 1\n# %% 3\n%%sql\nselect 1\n",
  );
});

Deno.test("notebookCode() uses a mark that no cell has", () => {
  const cells = [code("# %% 1"), code("# %%% 2")];
  assert.equal(
    notebookCode("a.ipynb", notebook(cells)),
    "%%cells a.ipynb # %%%%\n# %%%% 1\n# %% 1\n# %%%% 2\n# %%% 2\n",
  );
});

Deno.test("notebookCode() accepts a notebook of Python, whichever field says so", () => {
  for (const metadata of [{ kernelspec: { language: "python" } }, { language_info: { name: "python" } }, 5]) {
    assert.match(notebookCode("a.ipynb", notebook([code("1")], { metadata })), /^1$/m);
  }
});

const refused: [name: string, file: Uint8Array, error: { code: string; message: RegExp }][] = [
  ["no JSON", new TextEncoder().encode("print(1)"), { code: "invalid_file", message: /no JSON object/ }],
  ["no UTF-8", Uint8Array.of(0xff), { code: "invalid_file", message: /no JSON object/ }],
  ["another document", bytes({ a: 1 }), { code: "invalid_file", message: /no notebook of version 4/ }],
  ["an old version", notebook([], { nbformat: 3 }), { code: "invalid_file", message: /version 4/ }],
  [
    "another language",
    notebook([code("1")], { metadata: { kernelspec: { language: "R" } } }),
    { code: "invalid_file", message: /its language is "r"/ },
  ],
  ["no code", notebook([null, code(7)]), { code: "invalid_code", message: /no code cells/ }],
];
for (const [name, file, error] of refused) {
  Deno.test(`notebookCode() refuses ${name}`, () => {
    assert.throws(() => notebookCode("a.ipynb", file), error);
  });
}
