import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { localBackend } from "../support/local_backend.ts";
import { describe, run } from "../support/process.ts";
import { REPOSITORY } from "../support/repository.ts";
import { startS3Server } from "../support/versitygw.ts";
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
      // The profile and the server of the block about the user's own data.
      await using s3 = await startS3Server(join(backend.dir, "s3"));
      await s3.uploader.makeBucket("my-bucket");
      for (const year of [2025, 2026]) {
        await s3.uploader.put("my-bucket", `sales/${year}.csv`, "day,amount\n1,2\n");
      }
      const { accessKeyId, secretAccessKey } = s3.admin;
      const keys = join(backend.dir, "aws-credentials");
      await Deno.writeTextFile(
        keys,
        `[analytics]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
        { mode: 0o600 },
      );
      const places = { GRAD_STATE_DIR, GRAD_RUNTIME_DIR, XDG_STATE_HOME, XDG_CONFIG_HOME };
      const env = { ...Deno.env.toObject(), ...places, AWS_SHARED_CREDENTIALS_FILE: keys };
      const bash = (commands: string) =>
        run(["bash", "-euo", "pipefail", "-c", commands], { env, cwd, deadlineMs: 600_000 });
      backend.adopt(cwd);
      const failures: string[] = [];
      for (const { line, commands, printed } of found) {
        const ended = await bash(commands.replaceAll("http://localhost:9000", s3.endpoint));
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
