import assert from "node:assert/strict";
import { importCommonJs, nameByContent } from "./split_bundle.ts";

/** Imports `main.js` of files in a folder of their own. */
async function run(files: ReadonlyMap<string, string>): Promise<Record<string, unknown>> {
  const dir = await Deno.makeTempDir({ prefix: "split-" });
  try {
    for (const [name, text] of files) await Deno.writeTextFile(`${dir}/${name}`, text);
    return await import(`file://${dir}/main.js`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const SPLIT = new Map([
  [
    "main.js",
    `const { parse } = await import("./dist-AAAAAAAA.js");
const own = await import("./own-BBBBBBBB.js");
const { default: all } = await import("./dist-AAAAAAAA.js");
export const found = [parse?.(), own.name, all.parse()];`,
  ],
  ["dist-AAAAAAAA.js", `import { require_dist } from "./chunk-CCCCCCCC.js";\nexport default require_dist();`],
  ["chunk-CCCCCCCC.js", `export const require_dist = () => ({ parse: () => "parsed" });`],
  ["own-BBBBBBBB.js", `export const name = "own";\nexport default 1;`],
]);

Deno.test("a dynamic import of a CommonJS package lacks its names without importCommonJs()", async () => {
  assert.deepEqual((await run(SPLIT))["found"], [undefined, "own", "parsed"]);
});

Deno.test("importCommonJs() gives a dynamic import the names of a CommonJS package", async () => {
  assert.deepEqual((await run(importCommonJs(SPLIT)))["found"], ["parsed", "own", "parsed"]);
});

Deno.test("nameByContent() renames chunks and their imports", async () => {
  const named = nameByContent(importCommonJs(SPLIT));
  assert.deepEqual((await run(named))["found"], ["parsed", "own", "parsed"]);
  for (const name of named.keys()) assert.match(name, /^main\.js$|^\w+-[0-9a-f]{12}\.js$/);
});

Deno.test("nameByContent() gives the same names whatever the bundler's hashes are", () => {
  const other = [...SPLIT].map(([name, text]) =>
    [name, text].map((each) => each.replaceAll("AAAAAAAA", "ZZZZZZZ9").replaceAll("CCCCCCCC", "ABCDEF01"))
  );
  const files = nameByContent(new Map(other as [string, string][]));
  assert.deepEqual([...files], [...nameByContent(SPLIT)]);
});
