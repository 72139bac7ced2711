/** `dataset add` checks at once, and doctor sees what has gone bad since. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";
import { openToRunners } from "../support/workspace_files.ts";

const scenario = suite();

scenario("`dataset add` says what it found, and refuses what cannot be read", async ({ backend, s3 }) => {
  const cwd = await backend.makeWorkspace();
  const { env, server } = s3;
  const add = (name: string, ...args: string[]) =>
    backend.gractl(["dataset", "add", name, ...args, "--endpoint", server.endpoint], { cwd, env });
  const good = (await add("airlines", "s3://nyc/airlines")).exits(0);
  assert.match(good.stdout, /^Added airlines in .*airlines\.yaml: 1 file, /);
  const bad = (await add("broken", "s3://no-such-bucket")).exits(3);
  assert.match(bad.stderr, /no bucket "no-such-bucket"/);
  assert.match(bad.stderr, /Nothing was added; with `--no-check`/);
  const list = (await backend.gractl(["dataset", "list", "-o", "json"], { cwd })).exits(0).json();
  assert.deepEqual(list.items.map(({ name }: { name: string }) => name), ["airlines"]);
  // It can be added all the same; doctor sees it as soon as a call has tried it.
  (await add("broken", "s3://no-such-bucket", "--no-check")).exits(0);
  await execute(backend, cwd, "1", { env });
  const doctor = await backend.gractl(["doctor"], { cwd, env });
  assert.match(doctor.exits(3).stdout, /^failed +dataset broken .*no-such-bucket/m);
  assert.match(doctor.stdout, /^ok +dataset airlines +readable in runner-1/m);
});

scenario("a folder that does not exist is refused, and doctor sees one that is gone", async ({ backend }) => {
  const cwd = await backend.makeWorkspace();
  const refused = await backend.gractl(["dataset", "add", "shelf", "./shelf", "-o", "json"], { cwd });
  assert.match(refused.exits(2).error().message, /there is no folder ".*\/shelf"/);
  const folder = join(backend.dir, "shelf-of-analysts");
  await Deno.mkdir(folder);
  openToRunners(folder, "read-only");
  await Deno.writeTextFile(join(folder, "a.csv"), "a\n1\n");
  const added = (await backend.gractl(["dataset", "add", "shelf", folder], { cwd })).exits(0);
  assert.match(added.stdout, /: 1 file, 4 B/);
  await Deno.remove(folder, { recursive: true });
  const doctor = await backend.gractl(["doctor"], { cwd });
  assert.match(doctor.exits(3).stdout, /^failed +folder of shelf .*there is no folder/m);
}, { only: "local" });
