import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const TOOLS = fileURLToPath(new URL("../", import.meta.url));

/** A checkout that has only what env.sh needs, and one file. */
async function checkout(text: string): Promise<string> {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(join(root, "tools/lib"), { recursive: true });
  for (const file of ["lib/env.sh", "versions.env"]) {
    await Deno.copyFile(join(TOOLS, file), join(root, "tools", file));
  }
  await Deno.writeTextFile(join(root, "a file"), text);
  return root;
}

async function hashOf(root: string): Promise<string> {
  const script = `. "${root}/tools/lib/env.sh"; hash_of "$ROOT/a file" "$ROOT/tools"`;
  const { stdout } = await new Deno.Command("bash", { args: ["-c", script] }).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("hash_of() is the same for equal files of another checkout, and another one for other contents", async () => {
  const roots = await Promise.all(["same", "same", "other"].map(checkout));
  const [one, two, other] = await Promise.all(roots.map(hashOf));
  assert.match(one!, /^[0-9a-f]{32}$/);
  assert.equal(one, two);
  assert.notEqual(one, other);
  for (const root of roots) await Deno.remove(root, { recursive: true });
});
