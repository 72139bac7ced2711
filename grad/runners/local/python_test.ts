import assert from "node:assert/strict";
import { join } from "node:path";
import { findPython } from "./python.ts";

Deno.test("findPython() reads where the environment's interpreter came from", async () => {
  const dir = await Deno.makeTempDir();
  const [venv, base] = [join(dir, "venv"), join(dir, "python3.11")];
  for (const folder of [join(venv, "bin"), join(base, "bin")]) await Deno.mkdir(folder, { recursive: true });
  const interpreter = join(venv, "bin/python");
  await Deno.writeTextFile(interpreter, "");
  await Deno.writeTextFile(join(venv, "pyvenv.cfg"), `version = 3\nhome = ${base}/bin\n`);
  assert.deepEqual(await findPython(interpreter), { interpreter, venv, basePrefix: base });
  await Deno.remove(dir, { recursive: true });
});

Deno.test("findPython() names the interpreter that is not there, and what makes it", async () => {
  await assert.rejects(findPython("/nowhere/python"), {
    code: "runner_failed",
    message: /"\/nowhere\/python"/,
    hint: /GRAD_RUNNER_PYTHON/,
  });
});
