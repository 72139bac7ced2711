import assert from "node:assert/strict";

/** Modules that take longer to load than `gractl --help` takes to run. They are imported in actions. */
const SLOW = /^(@grpc\/grpc-js|yaml|zod|@aws-sdk\/.*|@bufbuild\/.*|string-width)$/;

/** Specifiers that a module imports statically. Type imports do not count, since they are erased. */
async function staticImports(file: URL): Promise<string[]> {
  const text = await Deno.readTextFile(file);
  const found = text.matchAll(
    /^(?:import|export)\s+(?!type\b)[^"';]*?from\s+"([^"]+)"|^import\s+"([^"]+)"/gm,
  );
  return [...found].filter(([statement]) => !/^(import|export)\s*\{(\s*type\s[^,}]+,?)+\s*\}/.test(statement))
    .map((match) => match[1] ?? match[2]!);
}

Deno.test("main.ts imports no module that is slow to load before a command runs", async () => {
  const seen = new Map<string, string>();
  const visit = async (file: URL, path: string): Promise<void> => {
    for (const specifier of await staticImports(file)) {
      if (SLOW.test(specifier)) assert.fail(`${path} imports ${specifier}`);
      if (!specifier.startsWith(".")) continue;
      const target = new URL(specifier, file);
      if (seen.has(target.href)) continue;
      seen.set(target.href, path);
      if (target.pathname.endsWith(".ts")) await visit(target, `${path} > ${specifier}`);
    }
  };
  await visit(new URL("main.ts", import.meta.url), "main.ts");
  assert.ok(seen.size > 50, `only ${seen.size} modules were checked`);
});
