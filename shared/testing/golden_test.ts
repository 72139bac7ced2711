import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { assertGolden } from "./golden.ts";

const COMPARE = { update: false, ci: false };

/** A golden file in a folder of its own, which the test removes. */
async function goldenFile(text?: string) {
  const dir = await Deno.makeTempDir({ prefix: "golden-" });
  const file = pathToFileURL(`${dir}/sub/expected.golden`);
  if (text !== undefined) {
    await Deno.mkdir(`${dir}/sub`);
    await Deno.writeTextFile(file, text);
  }
  return { file, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

Deno.test("assertGolden() accepts the text that the file has", async () => {
  await using golden = await goldenFile("one\ntwo\n");
  await assertGolden("one\ntwo\n", golden.file, COMPARE);
});

Deno.test("assertGolden() shows the lines that differ and the command that updates the file", async () => {
  await using golden = await goldenFile("one\ntwo\nthree\n");
  await assert.rejects(assertGolden("one\n2\nthree\n", golden.file, COMPARE), (error: Error) => {
    assert.match(error.message, /expected\.golden/);
    assert.match(error.message, /GOLDEN=update deno test -A shared\/testing\/golden_test\.ts/);
    assert.match(error.message, /^\+ +'2',?$/m);
    assert.match(error.message, /^- +'two',?$/m);
    return true;
  });
});

Deno.test("assertGolden() fails when the file does not exist", async () => {
  await using golden = await goldenFile();
  await assert.rejects(assertGolden("", golden.file, COMPARE), /expected\.golden does not exist/);
});

Deno.test("assertGolden() writes the file and its folder under GOLDEN=update", async () => {
  await using golden = await goldenFile();
  await assertGolden("new\n", golden.file, { update: true, ci: false });
  assert.equal(await Deno.readTextFile(golden.file), "new\n");
});

Deno.test("assertGolden() never writes in CI", async () => {
  await using golden = await goldenFile("old\n");
  await assert.rejects(assertGolden("new\n", golden.file, { update: true, ci: true }), /CI=true/);
  assert.equal(await Deno.readTextFile(golden.file), "old\n");
});
