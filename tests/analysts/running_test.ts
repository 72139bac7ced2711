/** How code gets into a runner: files, notebooks, pipes, environment variables and folders. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

scenario("gractl run takes the file as its operand", async ({ backend, workspace }) => {
  const cwd = await workspace();
  await Deno.writeTextFile(join(cwd, "job.py"), "import sys\nprint('from a file')\n");
  assert.equal((await backend.gractl(["run", "job.py"], { cwd })).exits(0).stdout, "from a file\n");
  const there = await backend.gractl(["execute-code", join(cwd, "job.py"), "-o", "json"], { cwd });
  assert.equal(there.exits(0).json().stdout, "from a file\n");
});

scenario("gractl run reads what is piped, without a flag", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const piped = await backend.gractl(["run"], { cwd, stdin: "print('from a pipe')" });
  assert.equal(piped.exits(0).stdout, "from a pipe\n");
  const nothing = await backend.gractl(["run"], { cwd, stdin: "" });
  assert.match(nothing.exits(2).stderr, /no code is given/);
});

scenario("code as the operand is refused with the line that works", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const refused = await backend.gractl(["run", "print(6 * 7)"], { cwd });
  const line = /gractl run --code '(.*)'/.exec(refused.exits(2).stderr);
  assert.ok(line, refused.stderr);
  assert.equal((await backend.gractl(["run", "--code", line[1]!], { cwd })).exits(0).stdout, "42\n");
});

/** A notebook with these code cells, as Jupyter writes it. */
function notebook(...cells: string[]): string {
  const code = cells.map((source) => ({
    cell_type: "code",
    execution_count: null,
    metadata: {},
    outputs: [],
    source: source.split(/(?<=\n)/),
  }));
  const text = { cell_type: "markdown", metadata: {}, source: ["# Title\n", "print('never')"] };
  const metadata = { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } };
  return JSON.stringify({ cells: [text, ...code], metadata, nbformat: 4, nbformat_minor: 5 });
}

scenario("a notebook runs its code cells, each with its result", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const cells = ["x = 20\nx", "%%time\ny = 22", "", "import asyncio\nawait asyncio.sleep(0)\nx + y"];
  await Deno.writeTextFile(join(cwd, "n.ipynb"), notebook(...cells));
  const ran = (await backend.gractl(["run", "n.ipynb", "-o", "json"], { cwd })).exits(0).json();
  const results = ran.results.map(({ mime }: { mime: Record<string, string> }) => mime["text/plain"]);
  assert.deepEqual(results, ["20", "42"]);
  assert.match(ran.stdout, /Wall time/);
  assert.equal((await execute(backend, cwd, "print(x + y)")).stdout, "42\n");
});

scenario("a notebook stops at the first cell that fails", async ({ backend, workspace }) => {
  const cwd = await workspace();
  await Deno.writeTextFile(join(cwd, "bad.ipynb"), notebook("print('one')", "1 / 0", "print('never')"));
  const ran = (await backend.gractl(["run", "bad.ipynb", "-o", "json"], { cwd })).exits(1).json();
  assert.deepEqual([ran.stdout, ran.error.name], ["one\n", "ZeroDivisionError"]);
  await Deno.writeTextFile(join(cwd, "not.ipynb"), "print(1)");
  const refused = (await backend.gractl(["run", "not.ipynb", "-o", "json"], { cwd })).exits(2).error();
  assert.deepEqual([refused.code, /not\.ipynb/.test(refused.message)], ["invalid_file", true]);
});

scenario("--env sets variables for one execution", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const show = "import os, subprocess\nprint(os.environ.get('REGION'), subprocess.getoutput('echo $REGION'))";
  const set = await execute(backend, cwd, show, { args: ["--env", "REGION=eu west=1"] });
  assert.equal(set.stdout, "eu west=1 eu west=1\n");
  assert.equal((await execute(backend, cwd, show)).stdout, "None \n");
  const refused = await backend.gractl(["run", "--code", "1", "--env", "REGION", "-o", "json"], { cwd });
  assert.match(refused.exits(2).error().hint, /--env NAME=VALUE/);
});

scenario("--cwd runs one execution in a folder of the runner", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const show = "import os; print(os.getcwd())";
  await execute(backend, cwd, "import os; os.makedirs('project/deep', exist_ok=True)");
  assert.equal(
    (await execute(backend, cwd, show, { args: ["--cwd", "project/deep"] })).stdout,
    "/workspace/project/deep\n",
  );
  assert.equal((await execute(backend, cwd, show, { args: ["--cwd", "/tmp"] })).stdout, "/tmp\n");
  assert.equal((await execute(backend, cwd, show)).stdout, "/workspace\n");
  const missing = await execute(backend, cwd, show, { args: ["--cwd", "nowhere"], exit: 1 });
  assert.deepEqual([missing.error?.name, missing.stdout], ["FileNotFoundError", ""]);
  assert.match(missing.error?.message ?? "", /\/workspace\/nowhere/);
});

scenario(
  "--env and --cwd are refused for a kernel that does not know them",
  async ({ backend, workspace }) => {
    const cwd = await workspace();
    const args = ["run", "--kernel", "bash", "--session", "shell", "--code", "pwd", "-o", "json"];
    assert.equal((await backend.gractl(args, { cwd })).exits(0).json().stdout, "/workspace\n");
    const refused = (await backend.gractl([...args, "--cwd", "/tmp"], { cwd })).exits(2).error();
    assert.deepEqual([refused.code, /bash/.test(refused.message)], ["invalid_argument", true]);
  },
);

scenario("session delete forgets the session and leaves the others", async ({ backend, workspace }) => {
  const cwd = await workspace();
  for (const session of ["old", "new"]) {
    await execute(backend, cwd, "x = 1", { args: ["--session", session] });
  }
  const gone = (await backend.gractl(["session", "delete", "old", "-o", "json"], { cwd })).exits(0).json();
  assert.deepEqual([gone.kind, gone.name], ["Session", "old"]);
  const list = (await backend.gractl(["session", "list", "-o", "json"], { cwd })).exits(0).json();
  const names = list.items.map(({ name }: { name: string }) => name);
  assert.deepEqual([names.includes("old"), names.includes("new")], [false, true]);
  const again = await backend.gractl(["session", "delete", "old", "-o", "json"], { cwd });
  assert.equal(again.exits(2).error().code, "session_not_found");
  const fresh = await execute(backend, cwd, "print('x' in globals())", { args: ["--session", "old"] });
  assert.equal(fresh.stdout, "False\n");
});
