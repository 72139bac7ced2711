/** Attack: code nests so many folders that whoever deletes them by a function that calls itself runs out of stack. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { execute } from "../support/execution_document.ts";
import { run } from "../support/process.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

const LEVELS = 16_000;

function nest(folder: string): string {
  return `
import os
here = os.open(".", os.O_RDONLY)
os.makedirs(${JSON.stringify(folder)}); os.chdir(${JSON.stringify(folder)})
for _ in range(${LEVELS}): os.mkdir("d"); os.chdir("d")
os.fchdir(here)
`;
}

scenario(
  "folders that code nested without end are deleted with their runner, and grad goes on",
  async (world) => {
    const { backend } = world;
    const folder = join(backend.dir, "nested");
    assert.equal(
      (await run(["python3", "-c", nest(folder)], { env: backend.env, cwd: backend.dir })).code,
      0,
    );
    const remove = `await Deno.remove(${JSON.stringify(folder)}, { recursive: true })`;
    const unprotected = await run([Deno.execPath(), "eval", remove], { env: backend.env, cwd: backend.dir });
    assert.match(unprotected.stderr, /overflowed its stack/);
    await run(["rm", "-rf", folder], { env: backend.env, cwd: backend.dir });

    const cwd = await world.workspace();
    (await backend.gractl(["runner", "create", "nester"], { cwd })).exits(0);
    const args = ["--runner", "nester"];
    // In the folder of the kernels, which is emptied at each stop, and in that of what outlives it.
    for (const where of ["/run/grad/nested", "/var/tmp/nested"]) {
      await execute(backend, cwd, nest(where), { args });
    }
    const before = backend.grad()?.pid;
    (await backend.gractl(["session", "reset", "default", ...args], { cwd })).exits(0);
    assert.equal((await execute(backend, cwd, "print(1)", { args })).stdout, "1\n");
    (await backend.gractl(["runner", "destroy", "nester", "--force"], { cwd })).exits(0);
    assert.equal(backend.grad()?.pid, before);
  },
  { deadlineMs: 300_000 },
);
