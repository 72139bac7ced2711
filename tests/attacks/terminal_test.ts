import assert from "node:assert/strict";
import { join } from "node:path";
import { HARMLESS } from "../../gractl/ui/testing/harmless.ts";
import { runnerPython } from "../../shared/local_paths.ts";
import { execute } from "../support/execution_document.ts";
import { suite, type World } from "../support/suite.ts";
import { commandInTerminal, inTerminal } from "../support/terminal.ts";

const scenario = suite();

/** Text that acts on a terminal: clipboard, title, alternate screen, a question, hidden text, C1, marks of direction, no width. */
const EVIL =
  "\\x1b]52;c;ZXZpbA==\\x07\\x1b]0;title\\x1b\\\\\\x1b[?1049h\\x1b[6n\\x1b[8mhidden\\x1bP1$r\\x1b\\\\\\x9b2J\\x9d0;t\\x9c\\u202eevil\\u200b";

/** Runs gractl on a terminal; returns all that it wrote, byte by byte as a terminal would get it. */
async function onTerminal(world: World, args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await inTerminal(world.backend, args, cwd).ended;
  return stdout;
}

const CODE = `
import os, sys, time, pandas as pd
evil = "${EVIL}"
print("out", evil)
print("err", evil, file=sys.stderr)
# Cut between two events, and unfinished at the end.
for part in ["\\x1b", "]0;cut\\x07", "\\x1b[", "?1049h"]:
    sys.stdout.write(part); sys.stdout.flush(); time.sleep(0.3)
os.write(1, b"\\x9d0;eight bits\\x9c\\xff\\n")
pd.DataFrame({"text": [evil]}).to_parquet("outputs/table.parquet")
open("outputs/" + evil.replace("/", "_"), "w").write("a name")
print("\\x1b[32mgreen\\x1b[0m")
pd.set_option("display.max_colwidth", None)
display({"text/markdown": "markdown " + evil}, raw=True)
print("\\x1b]0;unfinished", end="")
pd.read_parquet("outputs/table.parquet")
`;

scenario("output, results and data of an execution cannot act on the terminal", async (world) => {
  const cwd = await world.workspace();
  const python = runnerPython(Deno.env.toObject());
  const print = ["-c", `print("${EVIL}")`];
  const direct = await commandInTerminal(world.backend, [python, ...print], cwd).ended;
  assert.ok(direct.stdout.includes("\x1b]52;c;"), "without gractl the sequence reaches the terminal");
  assert.doesNotMatch(direct.stdout, HARMLESS);

  const shown = await onTerminal(world, ["execute-code", "--code", CODE], cwd);
  assert.match(shown, HARMLESS);
  for (const what of ["out", "err", "markdown"]) {
    assert.ok(shown.includes(`${what} \\x1b]52;c;ZXZpbA==\\x07`), `${what} is shown as escapes\n${shown}`);
  }
  assert.ok(shown.includes("\\x1b]0;cut\\x07"), "a sequence that is cut between two events is shown");
  assert.ok(shown.includes("\x1b[32mgreen\x1b[0m"), "colours pass");
  assert.match(shown, /text\s+0 .*\\x1b\]52/s, "the cell of the table is shown as escapes");

  const raised = await onTerminal(world, ["execute-code", "--code", `raise ValueError("${EVIL}")`], cwd);
  assert.match(raised, HARMLESS);
  assert.match(raised, /ValueError/);
});

scenario("names of files and of errors cannot act on the terminal", async (world) => {
  const cwd = await world.workspace();
  const code = `open("outputs/" + "${EVIL}".replace("/", "_"), "w").write("x"); assert False, "${EVIL}"`;
  await execute(world.backend, cwd, code, { exit: 1, args: ["--session", "names"] });
  for (
    const args of [
      ["file", "list", "outputs"],
      ["file", "list", "outputs", "-o", "json"],
      ["execution", "list"],
      ["execution", "list", "-o", "json"],
      ["file", "get", "outputs/\x1b]0;none\x07"],
    ]
  ) {
    const shown = await onTerminal(world, args, cwd);
    assert.match(shown, HARMLESS, args.join(" "));
    assert.match(shown, /52;c|none|Assertion|failed/, args.join(" "));
  }
});

scenario("dataset files of a clone cannot act on the terminal", async (world) => {
  const cwd = await world.backend.makeWorkspace();
  const text = `apiVersion: gractl/v1\nkind: Dataset\nname: evil\ntype: "\\e]0;t\\a"\n"\\e]52;c;x\\a": 1\n`;
  await Deno.writeTextFile(join(cwd, "workspace/datasets/evil.yaml"), text);
  await Deno.writeTextFile(join(cwd, "workspace/datasets/\x1b]0;name\x07.yaml"), text);
  for (const args of [["dataset", "list"], ["dataset", "get", "evil"], ["workspace", "status"]]) {
    const shown = await onTerminal(world, args, cwd);
    assert.match(shown, HARMLESS, args.join(" "));
    assert.match(shown, /evil/, args.join(" "));
  }
});

scenario("in a pipe programs get the bytes that code has printed", async (world) => {
  const cwd = await world.workspace();
  const call = await world.backend.gractl(["execute-code", "--code", `print("${EVIL}")`], { cwd });
  assert.ok(call.exits(0).stdout.includes("\x1b]52;c;ZXZpbA==\x07"));
});
