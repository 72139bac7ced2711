import assert from "node:assert/strict";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** `update` writes the file instead of comparing; `ci` forbids that, so that a wrong setting cannot make every test pass. */
export type GoldenMode = Readonly<{ update: boolean; ci: boolean }>;

function modeOfEnvironment(): GoldenMode {
  return { update: Deno.env.get("GOLDEN") === "update", ci: Deno.env.get("CI") === "true" };
}

/**
 * Compares `text` with a golden file: the expected output, kept beside the test so that a reviewer can read it. `GOLDEN=update`
 * writes the file, except in CI (`CI=true`).
 * @throws {assert.AssertionError} with the lines that differ and the command that updates the file
 */
export async function assertGolden(text: string, file: URL, mode = modeOfEnvironment()): Promise<void> {
  const command = `GOLDEN=update deno test -A ${callingTest(new Error().stack ?? "")}`;
  if (mode.update) {
    assert.ok(
      !mode.ci,
      "GOLDEN=update is set in CI (CI=true): golden files are updated and reviewed by people",
    );
    await Deno.mkdir(new URL(".", file), { recursive: true });
    return await Deno.writeTextFile(file, text);
  }
  const golden = await readIfExists(file);
  const name = relative(ROOT, fileURLToPath(file));
  const advice = `If the new text is right, run:\n  ${command}\nand review the change with git diff.`;
  if (golden === undefined) {
    throw new assert.AssertionError({ message: `The golden file ${name} does not exist. ${advice}` });
  }
  if (text === golden) return;
  throw new assert.AssertionError({
    message: `The text differs from ${name}. ${advice}\n\n${difference(text, golden)}`,
  });
}

async function readIfExists(file: URL): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  }
}

/** The test file that is on the stack, from the repository's root. */
function callingTest(stack: string): string {
  const url = stack.match(/file:\/\/[^\s()]+?_test\.ts/)?.[0];
  return url === undefined ? "<the test's file>" : relative(ROOT, fileURLToPath(url));
}

/** The lines that differ, with some around them: node:assert's own difference. */
function difference(actual: string, expected: string): string {
  try {
    assert.deepEqual(actual.split("\n"), expected.split("\n"));
    return "";
  } catch (thrown) {
    return (thrown as Error).message;
  }
}
