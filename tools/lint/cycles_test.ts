import assert from "node:assert/strict";
import { componentOf, cyclesBetweenFolders, localImports, nodeOf, pythonImports } from "./cycles.ts";

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

Deno.test("localImports() counts what is imported as a type", () => {
  const text = `import type { Port } from "../port.ts";
import { value } from "../value.ts";
export type { Other } from "../other/port.ts";
import { type Mixed, other } from "./mixed.ts";`;
  assert.deepEqual(localImports(text), ["../port.ts", "../value.ts", "../other/port.ts", "./mixed.ts"]);
});

Deno.test("pythonImports() finds modules and what may be one", () => {
  const text = `import os
from grad_runner.common import errors, log as logging
if TYPE_CHECKING:
    from grad_runner.kernel.spool import Spool
from grad_runner.gen.runner.v1 import (
    agent_pb2,  # messages
    data_pb2,
)
import grad_runner.init.plan
# from grad_runner.no import no`;
  assert.deepEqual(pythonImports(text), [
    "grad_runner.common",
    "grad_runner.common.errors",
    "grad_runner.common.log",
    "grad_runner.kernel.spool",
    "grad_runner.kernel.spool.Spool",
    "grad_runner.gen.runner.v1",
    "grad_runner.gen.runner.v1.agent_pb2",
    "grad_runner.gen.runner.v1.data_pb2",
    "grad_runner.init.plan",
  ]);
});

Deno.test("cyclesBetweenFolders() finds each ring once", () => {
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

Deno.test("cyclesBetweenFolders() can count whole components", () => {
  const [agent, kernel] = ["runner/grad_runner/agent", "runner/grad_runner/kernel"];
  const imports = new Map([
    [`${agent}/one.py`, [`${kernel}/one.py`]],
    [`${kernel}/two.py`, [`${agent}/two.py`]],
  ]);
  assert.deepEqual(cyclesBetweenFolders(imports, nodeOf), []);
  assert.deepEqual(cyclesBetweenFolders(imports, componentOf), [`${agent} -> ${kernel} -> ${agent}`]);
});
