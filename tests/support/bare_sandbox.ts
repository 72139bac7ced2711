/** The product's sandbox without what the kernel component adds inside of it: shows what an attack can do without that. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { sandboxArgv } from "../../grad/runners/local/sandbox_argv.ts";
import { type Ended, run } from "./process.ts";

export type BareSandbox = Readonly<{
  /** A folder that does not exist yet. */
  dir: string;
  /** Python code, run by the machine's own interpreter. */
  code: string;
  /** Changes the arguments of bwrap, to leave out a protection more. */
  change?: (argv: readonly string[]) => readonly string[];
  /** Of the process that starts bwrap. */
  wrapper?: readonly string[];
}>;

/** Runs the code, which must succeed, and returns what it printed. */
export async function inBareSandbox({ dir, code, change, wrapper = [] }: BareSandbox): Promise<string> {
  for (const name of ["workspace", "data", "kernel", "spill", "etc"]) {
    Deno.mkdirSync(join(dir, name), { recursive: true });
  }
  for (const name of ["passwd", "group"]) Deno.writeTextFileSync(join(dir, "etc", name), "");
  const argv = sandboxArgv({
    workspace: join(dir, "workspace"),
    data: join(dir, "data"),
    kernel: join(dir, "kernel"),
    spill: join(dir, "spill"),
    tmpfsBytes: 2 ** 24,
    accounts: join(dir, "etc"),
    // Any folder will do: the code is run by the machine's own Python.
    venv: "/usr",
    basePrefix: "/usr",
    closedFiles: [],
    network: "none",
    env: {},
  });
  const ended: Ended = await run(
    [...wrapper, ...(change?.(argv) ?? argv), "/usr/bin/python3", "-c", code],
    { env: { PATH: "/usr/bin:/bin" }, cwd: "/" },
  );
  assert.equal(ended.code, 0, ended.stderr);
  return ended.stdout;
}
