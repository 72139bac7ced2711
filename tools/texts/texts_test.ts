import assert from "node:assert/strict";
import { commandFault, type CommandNode, namedCommands, type Programs } from "./commands.ts";
import { anchors, links, pathSpans } from "./links.ts";

Deno.test("links() finds links, images and references, and none in code", () => {
  const text =
    'See [a](docs/a.md#x), ![b](b.png "title").\n\n```\n[no](no.md)\n```\n`[no](no.md)`\n[ref]: c.md\n';
  assert.deepEqual(links(text), [
    { line: 1, target: "docs/a.md#x" },
    { line: 1, target: "b.png" },
    { line: 7, target: "c.md" },
  ]);
});

Deno.test("anchors() are GitHub's: lower case, hyphens, numbered when they repeat", () => {
  const text = '# A first `session`!\n## Same\n## Same\n```\n# no\n```\n| <a id="code_raised"></a> |\n';
  assert.deepEqual([...anchors(text)], ["a-first-session", "same", "same-1", "code_raised"]);
});

Deno.test("pathSpans() finds paths from the root, with braces expanded, and no patterns", () => {
  const text = "`grad/{rpc,auth}/x.ts:12` `other/x.ts` `grad/**/x.ts` `tools/` `gractl <name>`";
  assert.deepEqual(pathSpans(text, new Set(["grad", "tools"])).map(({ target }) => target), [
    "grad/rpc/x.ts",
    "grad/auth/x.ts",
    "tools",
  ]);
});

Deno.test("namedCommands() finds commands in code spans, escaped ones and blocks", () => {
  const markdown = "Type `gractl dataset list`, then\n\n```sh\ngractl doctor | less\n```\n\n    make run\n";
  assert.deepEqual(namedCommands(markdown, "markdown").map(({ program, words }) => [program, ...words]), [
    ["gractl", "dataset", "list"],
    ["gractl", "doctor"],
    ["make", "run"],
  ]);
  const code =
    'const a = f("x", `grad answered ${x}`);\nconst b = `Run \\`gractl doctor\\` now`;\n// See `make run`.';
  assert.deepEqual(namedCommands(code, "typescript").map(({ line, words }) => [line, ...words]), [
    [2, "doctor"],
    [3, "run"],
  ]);
});

const leaf = (...options: string[]): CommandNode => ({ commands: new Map(), options: new Set(options) });
const node = (commands: Record<string, CommandNode>, ...options: string[]): CommandNode => ({
  commands: new Map(Object.entries(commands)),
  options: new Set(options),
});
const programs: Programs = {
  gractl: node({ dataset: node({ check: leaf("--output", "-o") }), doctor: leaf() }, "--help"),
  grad: node({ serve: leaf("--listen") }),
  make: node({ run: leaf(), test: leaf() }),
  "deno task": node({ docs: leaf("--check") }),
};
const cases: [string, string | undefined][] = [
  ["gractl dataset check sales -o json", undefined],
  ["gractl dataset check --output=json", undefined],
  ["gractl dataset", undefined],
  ["gractl dataset …", undefined],
  ["gractl <command> --help", undefined],
  ["gractl dataset look", 'gractl dataset has no command "look"'],
  ["gractl dataset check --fast", "gractl dataset check has no option --fast"],
  ["grad serve --listen unix:/x", undefined],
  ["grad answer", 'grad has no command "answer"'],
  ["GOLDEN=update make test", undefined],
  ["make run test", undefined],
  ["make bootstrap", 'make has no command "bootstrap"'],
  ["deno task docs --check", undefined],
  ["deno task test", 'deno task has no command "test"'],
];
for (const [text, want] of cases) {
  Deno.test(`commandFault() judges ${text}`, () => {
    const [named] = namedCommands(`\`${text}\``, "other");
    assert.ok(named);
    assert.equal(commandFault(named, programs), want);
  });
}
