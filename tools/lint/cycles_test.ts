import assert from "node:assert/strict";
import { cyclesBetweenFolders, localImports, nodeOf } from "./cycles.ts";

Deno.test("nodeOf() is the folder, and the file itself at the top of a package", () => {
  assert.equal(nodeOf("grad/rpc/server.ts"), "grad/rpc");
  assert.equal(nodeOf("gractl/deps.ts"), "gractl/deps.ts");
});

Deno.test("localImports() finds imports of every form, and none in comments", () => {
  const text = `import { A } from "./a.ts";
import "../b.ts";
export * from "./c.ts";
// import "./no.ts";
/* from "./no.ts" */
import yaml from "yaml";
const d = await import("./d.ts");`;
  assert.deepEqual(localImports(text), ["./a.ts", "../b.ts", "./c.ts", "./d.ts"]);
});

Deno.test("localImports() leaves out what is imported as a type", () => {
  const text = `import type { Port } from "../port.ts";
import { value } from "../port.ts";
export type { Other } from "../other/port.ts";
import { type Mixed, other } from "./mixed.ts";`;
  assert.deepEqual(localImports(text), ["../port.ts", "./mixed.ts"]);
});

Deno.test("cyclesBetweenFolders() tells each ring once", () => {
  const imports = new Map([
    ["p/a/one.ts", ["p/b/one.ts"]],
    ["p/b/one.ts", ["p/c/one.ts"]],
    ["p/b/two.ts", ["p/b/one.ts"]],
    ["p/c/one.ts", ["p/a/two.ts"]],
  ]);
  assert.deepEqual(cyclesBetweenFolders(imports), ["p/a -> p/b -> p/c -> p/a"]);
});

Deno.test("cyclesBetweenFolders() accepts a root that wires folders which share its types", () => {
  const imports = new Map([
    ["p/cli.ts", ["p/commands/x.ts", "p/deps.ts"]],
    ["p/commands/x.ts", ["p/deps.ts"]],
    ["p/deps.ts", ["p/ui/output.ts"]],
  ]);
  assert.deepEqual(cyclesBetweenFolders(imports), []);
});
