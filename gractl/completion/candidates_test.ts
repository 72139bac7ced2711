import assert from "node:assert/strict";
import { candidates, type Option, type Slot, type Tree } from "./candidates.ts";
import { completionScript, SHELLS } from "./scripts.ts";

const slot = (id: string, more: Partial<Slot> = {}): Slot => ({ id, choices: [], isPath: false, ...more });
const OUTPUT: Option = {
  flags: ["-o", "--output"],
  description: "format",
  value: slot("--output", { choices: ["text", "json"] }),
};
const leaf = (name: string, more: Partial<Tree> = {}): Tree => ({
  name,
  description: `does ${name}`,
  commands: [],
  options: [OUTPUT, { flags: ["--force"], description: "do", value: undefined }],
  operands: [],
  ...more,
});
const location = slot("dataset add <location>", { isPath: true });
const run = leaf("run", {
  options: [
    OUTPUT,
    { flags: ["--file"], description: "", value: slot("--file", { isPath: true }) },
    { flags: ["--param"], description: "", value: slot("--param") },
  ],
});
const ROOT = leaf("gractl", {
  commands: [
    leaf("version"),
    run,
    leaf("dataset", {
      commands: [
        leaf("get", { operands: [slot("dataset get <name>")] }),
        leaf("add", { operands: [slot("dataset add <name>"), location] }),
      ],
    }),
  ],
});
const values = ({ id }: Slot) => Promise.resolve(id === "dataset get <name>" ? ["flights", "fares"] : []);

const cases: [words: string[], found: string[], files?: boolean][] = [
  [[""], ["version", "run", "dataset"]],
  [["ver"], ["version"]],
  [["dataset", ""], ["get", "add"]],
  [["dataset", "get", "fl"], ["flights"]],
  [["dataset", "get", "--force", "f"], ["flights", "fares"]],
  [["dataset", "get", "--output=json", "f"], ["flights", "fares"]],
  [["dataset", "get", "--", "f"], ["flights", "fares"]],
  [["dataset", "get", "--", "-"], []],
  [["dataset", "get", "flights", ""], []],
  [["version", "--"], ["--output", "--force"]],
  [["version", "-o", ""], ["text", "json"]],
  [["version", "--output", "j"], ["json"]],
  [["version", "--output="], ["--output=text", "--output=json"]],
  [["version", "--output=j"], ["--output=json"]],
  [["version", "--force="], []],
  [["version", "--unknown=x"], []],
  [["-o", "json", "dataset", "g"], ["get"]],
  [["nothing", ""], ["version", "run", "dataset"]],
  [["run", "--file", "x"], [], true],
  [["run", "--file=x"], [], true],
  [["run", "--param", "a="], []],
  [["run", "--param=a="], []],
  [["dataset", "add", "x", "./da"], [], true],
  [["dataset", "add", "x", "s3://"], []],
];
for (const [words, found, files = false] of cases) {
  Deno.test(`candidates() of ${JSON.stringify(words)}`, async () => {
    const { items, files: proposed } = await candidates(ROOT, words, values);
    assert.deepEqual(items.map(({ value }) => value), found);
    assert.equal(proposed, files);
  });
}

Deno.test("candidates() passes the values of the options before the last word", async () => {
  let seen: ReadonlyMap<string, string> = new Map();
  await candidates(ROOT, ["-o", "json", "dataset", "get", "f"], (_, given) => {
    seen = given;
    return Promise.resolve([]);
  });
  assert.deepEqual([...seen], [["--output", "json"]]);
});

for (const shell of SHELLS) {
  Deno.test(`completionScript() for ${shell} calls \`gractl complete\``, () => {
    assert.match(completionScript(shell), /gractl"? complete -- /);
  });
}
