import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { localBackend } from "../support/local_backend.ts";
import { describe, run } from "../support/process.ts";
import { REPOSITORY } from "../support/repository.ts";
import { withBackend } from "../support/with_backend.ts";
import { examples, isPrinted } from "./readme_commands.ts";

const README = join(REPOSITORY, "README.md");

/** A clone, as a newcomer has it: what git knows of this tree, changed or not. */
async function cloneInto(dir: string, env: Readonly<Record<string, string>>): Promise<void> {
  const script =
    'git ls-files -z --cached --others --exclude-standard | tar c --null -T - --ignore-failed-read | tar x -C "$1"';
  const ended = await run(["bash", "-c", script, "bash", dir], { env, cwd: REPOSITORY });
  assert.ok(existsSync(join(dir, "Makefile")), describe(ended));
}

Deno.test({
  name: "README.md: its marked commands run, in order, and print what it says",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    withBackend(localBackend(), async (backend) => {
      const found = examples(await Deno.readTextFile(README));
      assert.ok(found.length > 0, "README.md has no block ```sh run");
      const cwd = join(backend.dir, "grad");
      await Deno.mkdir(cwd);
      await cloneInto(cwd, backend.env);
      // The machine's own way to the registries and what it has installed; where things are kept is this home's.
      const { GRAD_STATE_DIR = "", GRAD_RUNTIME_DIR = "", XDG_STATE_HOME = "", XDG_CONFIG_HOME = "" } =
        backend.env;
      const places = { GRAD_STATE_DIR, GRAD_RUNTIME_DIR, XDG_STATE_HOME, XDG_CONFIG_HOME };
      const env = { ...Deno.env.toObject(), ...places };
      const bash = (commands: string) =>
        run(["bash", "-euo", "pipefail", "-c", commands], { env, cwd, deadlineMs: 600_000 });
      backend.adopt(cwd);
      const failures: string[] = [];
      for (const { line, commands, printed } of found) {
        const ended = await bash(commands);
        if (ended.code !== 0) failures.push(`README.md:${line}: ${describe(ended)}`);
        for (const wanted of printed.filter((each) => !isPrinted(each, `${ended.stdout}\n${ended.stderr}`))) {
          failures.push(`README.md:${line}: not printed: ${wanted}\n${describe(ended)}`);
        }
        if (failures.length > 0) break;
      }
      const stopped = await bash("make stop");
      if (stopped.code !== 0) failures.push(describe(stopped));
      assert.equal(failures.length, 0, failures.join("\n\n"));
    }),
});
