import assert from "node:assert/strict";

/** Compares a text with a file beside the test; `GOLDEN=update` writes it instead. */
export async function assertGolden(text: string, file: URL): Promise<void> {
  if (Deno.env.get("GOLDEN") === "update") return await Deno.writeTextFile(file, text);
  const want = await Deno.readTextFile(file).catch(() => "");
  assert.equal(text, want, `${file.pathname} differs; GOLDEN=update writes it, then review the difference`);
}
