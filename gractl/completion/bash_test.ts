import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { interactiveBash } from "./testing/interactive_bash.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/** A workspace with two datasets and a few files, a `gractl` on PATH, and a bash in it that has read gractl's script. */
async function completingBash() {
  const home = await Deno.makeTempDir({ prefix: "completion-" });
  const path = (name: string) => `${home}/${name}`;
  await Deno.mkdir(path("work/workspace/datasets"), { recursive: true });
  await Deno.mkdir(path("bin"));
  await Deno.writeTextFile(
    path("bin/gractl"),
    `#!/bin/sh\nexec '${Deno.execPath()}' run -A '${MAIN}' "$@"\n`,
    {
      mode: 0o755,
    },
  );
  await Deno.writeTextFile(path("work/workspace/config.yaml"), "apiVersion: gractl/v1\n");
  for (const name of ["flights", "fares", "$(touch executed)"]) {
    await Deno.writeTextFile(path(`work/workspace/datasets/${name}.yaml`), "");
  }
  for (const name of ["a-file.py", "fl-file.txt"]) await Deno.writeTextFile(path(`work/${name}`), "");
  const env = Deno.env.toObject();
  const bash = await interactiveBash({
    cwd: path("work"),
    env: { ...env, PATH: `${path("bin")}:${env["PATH"]}`, GRACTL_WORKSPACE: "" },
  });
  await bash.run(`eval "$(gractl completion bash)"`);
  return {
    tab: bash.tab,
    run: bash.run,
    exists: (name: string) => Deno.stat(path(`work/${name}`)).then(() => true, () => false),
    async [Symbol.asyncDispose]() {
      await bash[Symbol.asyncDispose]();
      await Deno.remove(home, { recursive: true });
    },
  };
}

Deno.test("TAB in bash completes gractl's command lines", async (t) => {
  await using bash = await completingBash();
  const cases: [title: string, line: string, completed: string][] = [
    ["a command", "gractl vers", "gractl version "],
    ["a name", "gractl dataset get fl", "gractl dataset get flights "],
    ["the value of an option", "gractl execute-code --dataset fl", "gractl execute-code --dataset flights "],
    ["--option=value", "gractl execute-code --dataset=fl", "gractl execute-code --dataset=flights "],
    ["--option=value of a closed set", "gractl version --output=j", "gractl version --output=json "],
    [
      "an option behind name=value",
      "gractl execute-code --param a=1 --time",
      "gractl execute-code --param a=1 --timeout ",
    ],
    [
      "a name behind a word with colons",
      "gractl --context a:b dataset get fl",
      "gractl --context a:b dataset get flights ",
    ],
    [
      "a name behind a quoted word",
      "gractl --workspace 'workspace' dataset get fl",
      "gractl --workspace 'workspace' dataset get flights ",
    ],
    ["a name in quotes", 'gractl dataset get "fl', 'gractl dataset get "flights" '],
    [
      "a file where a file is meant",
      "gractl execute-code --file a-",
      "gractl execute-code --file a-file.py ",
    ],
    ["a file behind --option=", "gractl execute-code --file=a-", "gractl execute-code --file=a-file.py "],
    ["nothing behind --param a=", "gractl execute-code --param a=", "gractl execute-code --param a="],
    [
      "no file as the value of a parameter",
      "gractl execute-code --param a=a-",
      "gractl execute-code --param a=a-",
    ],
    ["nothing behind s3://", "gractl dataset add x s3://", "gractl dataset add x s3://"],
    [
      "no folder of this machine behind s3://",
      "gractl dataset add x s3://et",
      "gractl dataset add x s3://et",
    ],
    ["no file where a name is meant", "gractl runner get a-", "gractl runner get a-"],
    ["a command in the middle of a line", "true; gractl vers", "true; gractl version "],
  ];
  for (const [title, line, completed] of cases) {
    await t.step(`${title}: ${line}`, async () => {
      assert.deepEqual(await bash.tab(line), { line: completed, offered: [] });
    });
  }
  await t.step("shows the words to choose from", async () => {
    const { line, offered } = await bash.tab("gractl execute-code --dataset=f");
    assert.equal(line, "gractl execute-code --dataset=f");
    assert.deepEqual(offered.map((each) => each.split(/\s+/)), [["fares", "flights"]]);
  });
  await t.step("executes nothing of what is typed or of a dataset file's name", async () => {
    await bash.tab("gractl dataset get $(touch executed");
    await bash.tab("gractl dataset get `touch executed` ");
    await bash.tab("gractl dataset get \\$");
    assert.equal(await bash.exists("executed"), false);
    await bash.run("touch executed");
    assert.equal(await bash.exists("executed"), true);
  });
});
