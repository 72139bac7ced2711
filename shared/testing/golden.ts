import assert from "node:assert/strict";

/** Compares with a file that a reviewer reads; `GOLDEN=update` writes it instead. */
export async function assertGolden(text: string, file: URL): Promise<void> {
  if (Deno.env.get("GOLDEN") === "update") {
    await Deno.mkdir(new URL(".", file), { recursive: true });
    return await Deno.writeTextFile(file, text);
  }
  const golden = await Deno.readTextFile(file).catch(() => "");
  const hint = `${file.pathname} differs; GOLDEN=update deno test -A writes it`;
  assert.equal(text, golden, hint);
}
