/** Files that code writes and people fetch: wherever in the working directory they are, and as whatever they come. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";
import { inTerminal } from "../support/terminal.ts";

const scenario = suite();

const TABLE = "import pandas as pd\npd.DataFrame({'a': [1, 2]}).to_csv(PATH, index=False)";
const table = (path: string) => TABLE.replace("PATH", JSON.stringify(path));

for (
  const path of ["out.csv", "outputs/table.csv", "/workspace/full.csv", "reports/2026/q1.csv", ".hidden.csv"]
) {
  scenario(`df.to_csv("${path}") is on this machine afterwards`, async ({ backend, workspace }) => {
    const code = `import os\nos.makedirs('reports/2026', exist_ok=True)\n${table(path)}`;
    const { artifacts } = await execute(backend, await workspace(), code);
    assert.deepEqual(artifacts.map(({ path }) => path), [path.replace("/workspace/", "")]);
    assert.equal(await Deno.readTextFile(artifacts[0]!.localPath!), "a\n1\n2\n");
  });
}

scenario("savefig in the working directory is named, and saved", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const code = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('x.png')\nplt.close()";
  const call = (await backend.gractl(["execute-code", "--code", code], { cwd })).exits(0);
  const [, path] = /file: (\S+\/x\.png) /.exec(call.stdout + call.stderr) ?? [];
  assert.ok(path, `${call}`);
  assert.deepEqual([...(await Deno.readFile(join(cwd, path))).subarray(1, 4)], [
    ...new TextEncoder().encode("PNG"),
  ]);
});

scenario("the working directory is listed, fetched and filled", async ({ backend, workspace }) => {
  const cwd = await workspace();
  await execute(backend, cwd, table("listed.csv"));
  const file = (...args: string[]) => backend.gractl(["file", ...args], { cwd });
  const list = (await file("list", "-o", "json")).exits(0).json();
  const paths: string[] = list.items.map(({ path }: { path: string }) => path);
  for (const path of ["code", "outputs", "listed.csv"]) {
    assert.ok(paths.includes(path), `${path} of ${paths}`);
  }
  const names = (await file("list", "/workspace", "-o", "json")).exits(0).json().items;
  assert.deepEqual(names.map(({ path }: { path: string }) => path), paths);

  (await file("get", "listed.csv")).exits(0);
  assert.equal(await Deno.readTextFile(join(cwd, "listed.csv")), "a\n1\n2\n");
  (await file("get", "/workspace/listed.csv", "again.csv")).exits(0);
  assert.equal(await Deno.readTextFile(join(cwd, "again.csv")), "a\n1\n2\n");

  await Deno.writeTextFile(join(cwd, "given.csv"), "b\n3\n");
  for (
    const [to, path] of [[".", "given.csv"], ["in/put.csv", "in/put.csv"], [
      "/workspace/full/",
      "full/given.csv",
    ]]
  ) {
    (await file("put", "given.csv", to!)).exits(0);
    const read = await execute(backend, cwd, `print(open(${JSON.stringify(path)}).read(), end="")`);
    assert.deepEqual([read.stdout, read.artifacts], ["b\n3\n", []], `${path}`);
  }
});

scenario("a path that Python prints can be fetched", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const code =
    "from pathlib import Path\np = Path('outputs/printed.txt')\np.write_text('x')\nprint(p.resolve())";
  const printed = (await execute(backend, cwd, code)).stdout.trim();
  (await backend.gractl(["file", "get", printed, "printed.txt"], { cwd })).exits(0);
  assert.equal(await Deno.readTextFile(join(cwd, "printed.txt")), "x");
});

scenario("a module that was put into code/ or beside it is imported", async ({ backend, workspace }) => {
  const cwd = await workspace();
  await Deno.writeTextFile(join(cwd, "mymodule.py"), "def f(): return 42\n");
  const missing = await execute(backend, cwd, "import mymodule", { exit: 1 });
  const hint = missing.error?.hint ?? "";
  const [, args] = /`gractl (file put [^`]*)`/.exec(hint) ?? [];
  assert.ok(args, hint);
  (await backend.gractl(args.replace("<file>", "mymodule.py").split(" "), { cwd })).exits(0);
  const got = await execute(backend, cwd, "import mymodule\nprint(mymodule.f())", {
    args: ["--session", "fresh"],
  });
  assert.deepEqual([got.stdout, got.artifacts], ["42\n", []], "no cache of Python is an artifact");
});

scenario("`file get` does not replace a local file unasked", async ({ backend, workspace }) => {
  const cwd = await workspace();
  await execute(backend, cwd, table("outputs/mine.csv"));
  const mine = join(cwd, "mine.csv");
  await Deno.writeTextFile(mine, "mine");
  const get = ["file", "get", "outputs/mine.csv"];
  const refused = await backend.gractl([...get, "-o", "json"], { cwd });
  assert.equal(refused.exits(2).error().code, "file_exists");
  assert.equal(await Deno.readTextFile(mine), "mine");

  const asked = inTerminal(backend, get, cwd);
  await asked.saw(/Replace mine\.csv \(4 B\)\? \[y\/N\]/);
  await asked.type("n\n");
  assert.notEqual((await asked.ended).code, 0);
  assert.equal(await Deno.readTextFile(mine), "mine");

  (await backend.gractl([...get, "--force"], { cwd })).exits(0);
  assert.equal(await Deno.readTextFile(mine), "a\n1\n2\n");
});

scenario("`file get` of what is not there leaves nothing", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const before = [...Deno.readDirSync(cwd)].map(({ name }) => name).sort();
  (await backend.gractl(["file", "get", "outputs/none.csv"], { cwd })).exits(2);
  assert.deepEqual([...Deno.readDirSync(cwd)].map(({ name }) => name).sort(), before);
});

scenario("`file get FILE -` is for pipes", async ({ backend, workspace }) => {
  const cwd = await workspace();
  await execute(backend, cwd, "open('outputs/bytes', 'wb').write(bytes(range(256)) * 20_000);");
  const { stdout } = (await backend.gractl(["file", "get", "outputs/bytes", "-"], { cwd })).exits(0);
  assert.ok(stdout.length > 1_000_000);
  await execute(backend, cwd, table("outputs/piped.csv"));
  const piped = (await backend.gractl(["file", "get", "outputs/piped.csv", "-"], { cwd })).exits(0);
  assert.deepEqual([piped.stdout, piped.stderr], ["a\n1\n2\n", ""]);
});

scenario("outputs/latest leads to the files of the newest execution", async ({ backend, workspace }) => {
  const cwd = await workspace();
  for (const text of ["first", "second"]) {
    await execute(backend, cwd, `open('outputs/state.txt', 'w').write('${text}');`);
    assert.equal(await Deno.readTextFile(join(cwd, "workspace/outputs/latest/state.txt")), text);
  }
});

scenario("--output-dir is where plots and files go", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const code = `${table("report.csv")}\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()`;
  const run = (...args: string[]) =>
    execute(backend, cwd, code, { args: ["--output-dir", "results", ...args] });
  const place = async (...args: string[]) =>
    (await run(...args)).artifacts.find(({ path }) => path === "report.csv")!.localPath;
  assert.equal(await place(), join(await Deno.realPath(cwd), "results/report.csv"));
  assert.deepEqual([...Deno.readDirSync(join(cwd, "results"))].map(({ name }) => name).sort(), [
    "figure-1.png",
    "report.csv",
  ]);
  await Deno.writeTextFile(join(cwd, "results/report.csv"), "mine");
  assert.equal(await place(), null);
  assert.equal(await Deno.readTextFile(join(cwd, "results/report.csv")), "mine");
  await place("--force");
  assert.equal(await Deno.readTextFile(join(cwd, "results/report.csv")), "a\n1\n2\n");
});

scenario(
  "a plot and a file of the user's of the same name are both there",
  async ({ backend, workspace }) => {
    const cwd = await workspace();
    const mine = ["outputs/figure-1.png", "figure-1.png", "same.txt", "outputs/same.txt"];
    const code = `import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n` +
      `for path in ${JSON.stringify(mine)}:\n    open(path, 'w').write(path)`;
    const { artifacts, results } = await execute(backend, cwd, code);
    const places = artifacts.map(({ localPath }) => localPath!);
    assert.equal(new Set(places).size, 5, `${places}`);
    for (const { path, localPath } of artifacts) {
      if (mine.includes(path)) assert.equal(await Deno.readTextFile(localPath!), path);
    }
    const plot = results[0]!.mime["image/png"] as { localPath: string };
    assert.deepEqual([...(await Deno.readFile(plot.localPath)).subarray(1, 4)], [
      ...new TextEncoder().encode("PNG"),
    ]);
  },
);
