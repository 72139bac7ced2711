import assert from "node:assert/strict";
import { candidates, type Tree } from "./candidates.ts";
import { completionScript, SHELLS } from "./scripts.ts";

const leaf = (name: string, more: Partial<Tree> = {}): Tree => ({
  name,
  description: `does ${name}`,
  commands: [],
  options: [
    { flags: ["-o", "--output"], description: "format", takesValue: true },
    { flags: ["--force"], description: "do", takesValue: false },
  ],
  operands: [],
  ...more,
});
const ROOT = leaf("gractl", {
  commands: [
    leaf("version"),
    leaf("dataset", { commands: [leaf("get", { operands: ["name"] }), leaf("list")] }),
  ],
});
const values = (of: string) =>
  Promise.resolve({ "--output": ["text", "json"], "dataset get <name>": ["flights", "fares"] }[of] ?? []);

const cases: [words: string[], found: string[]][] = [
  [[""], ["version", "dataset"]],
  [["ver"], ["version"]],
  [["dataset", ""], ["get", "list"]],
  [["dataset", "get", "fl"], ["flights"]],
  [["dataset", "get", "--force", "f"], ["flights", "fares"]],
  [["dataset", "get", "flights", ""], []],
  [["version", "--"], ["--output", "--force"]],
  [["version", "-o", ""], ["text", "json"]],
  [["version", "--output", "j"], ["json"]],
  [["-o", "json", "dataset", "l"], ["list"]],
  [["nothing", ""], ["version", "dataset"]],
];
for (const [words, found] of cases) {
  Deno.test(`candidates() of ${JSON.stringify(words)}`, async () => {
    assert.deepEqual((await candidates(ROOT, words, values)).map(({ value }) => value), found);
  });
}

for (const shell of SHELLS) {
  Deno.test(`completionScript() for ${shell} asks gractl`, () => {
    assert.match(completionScript(shell), /gractl complete -- /);
  });
}

Deno.test("completionScript() for bash completes in a real bash", async () => {
  const script = `gractl() { [ "$1 $2 $3" = "complete -- vers" ] && printf 'version\\tshow it\\n'; }
${completionScript("bash")}
COMP_WORDS=(gractl vers) COMP_CWORD=1; _gractl; echo "\${COMPREPLY[@]}"`;
  const { stdout } = await new Deno.Command("bash", { args: ["-c", script] }).output();
  assert.equal(new TextDecoder().decode(stdout), "version\n");
});
