import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { program } from "../support/gractl.ts";
import { localBackend } from "../support/local_backend.ts";
import { describe, run } from "../support/process.ts";
import { REPOSITORY } from "../support/repository.ts";
import { examples, isPrinted } from "./readme_commands.ts";

const README = join(REPOSITORY, "README.md");

/** Commands of that name on a PATH of their own, whether built or from source. */
async function commandsFolder(dir: string): Promise<string> {
  const folder = join(dir, "bin");
  await Deno.mkdir(folder);
  for (const name of ["gractl", "grad"] as const) {
    const words = program(name).map((word) => `'${word}'`).join(" ");
    await Deno.writeTextFile(join(folder, name), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  }
  return folder;
}

Deno.test({
  name: "README.md: its marked commands run, in order, and print what it says",
  ignore: !existsSync(README),
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const found = examples(await Deno.readTextFile(README));
    assert.ok(found.length > 0, "README.md has no block ```sh run");
    await using backend = localBackend();
    const cwd = await backend.makeWorkspace();
    const env = { ...backend.env, PATH: `${await commandsFolder(backend.dir)}:${backend.env["PATH"]}` };
    for (const { line, commands, printed } of found) {
      const ended = await run(["bash", "-euo", "pipefail", "-c", commands], {
        env,
        cwd,
        deadlineMs: 300_000,
      });
      assert.equal(ended.code, 0, `README.md:${line}\n${describe(ended)}`);
      for (const wanted of printed) {
        const isThere = isPrinted(wanted, `${ended.stdout}\n${ended.stderr}`);
        assert.ok(isThere, `README.md:${line}: not printed: ${wanted}\n${describe(ended)}`);
      }
    }
  },
});
