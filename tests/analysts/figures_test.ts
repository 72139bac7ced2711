/** Plots of scripts: what is shown, what is saved. */
import assert from "node:assert/strict";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

const PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 5])\n";
const images = (results: readonly { mime: Record<string, unknown> }[]) =>
  results.filter(({ mime }) => "image/png" in mime).length;

scenario(
  "a figure that savefig has saved is a file, and not shown a second time",
  async ({ backend, workspace }) => {
    const { results, artifacts } = await execute(
      backend,
      await workspace(),
      `${PLOT}plt.savefig('outputs/saved.png')`,
    );
    assert.deepEqual([images(results), artifacts.map(({ path }) => path)], [0, ["outputs/saved.png"]]);
  },
);

scenario("show() works with the backend Agg, without a warning", async ({ backend, workspace }) => {
  const code = `import matplotlib\nmatplotlib.use("Agg")\n${PLOT}plt.show()`;
  const { results, stderr } = await execute(backend, await workspace(), code);
  assert.deepEqual([images(results), stderr], [1, ""]);
});

scenario("savefig() behind show() saves what was shown", async ({ backend, workspace }) => {
  const code = `${PLOT}plt.show()\nplt.savefig('outputs/behind.png')\n` +
    "print(int((plt.imread('outputs/behind.png') < 0.9).sum()) > 1000)";
  const { results, stdout } = await execute(backend, await workspace(), code);
  assert.deepEqual([images(results), stdout], [1, "True\n"]);
});

scenario("plots and files are listed on the same stream", async ({ backend, workspace }) => {
  const code = `${PLOT}plt.show()\nopen('outputs/numbers.txt', 'w').write('1')`;
  const { stdout, stderr } =
    (await backend.gractl(["execute-code", "--code", code], { cwd: await workspace() })).exits(0);
  assert.match(stdout, /plot: \S+\.png\n/);
  assert.match(stdout, /file: \S+numbers\.txt \(1 B\)\n$/);
  assert.doesNotMatch(stderr, /file:|plot:/);
});

scenario("titles in Chinese, Japanese and Korean have glyphs", async ({ backend, workspace }) => {
  const code = `${PLOT}plt.title("标题 標題 タイトル 제목")\nplt.show()`;
  const { results, stderr } = await execute(backend, await workspace(), code);
  assert.deepEqual([images(results), stderr], [1, ""]);
});
