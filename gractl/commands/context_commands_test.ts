import assert from "node:assert/strict";
import { join } from "node:path";
import { writeContexts } from "../auth/testing/context_home.ts";
import { unsignedToken } from "../auth/testing/tokens.ts";
import { tempWorkspace } from "../workspace/testing/temp_dir.ts";
import { runCommand } from "./testing/run_command.ts";

const LAB = { lab: "https://lab.example.com" };

Deno.test("context use writes the grad into config.yaml, and says that runners stay", async () => {
  await using dir = await tempWorkspace();
  await writeContexts(dir.path, LAB);
  const at = { cwd: dir.path, env: { HOME: dir.path } };
  const { exit, stdout, stderr } = await runCommand(["context", "use", "lab"], { ...at, terminal: true });
  assert.equal(exit, 0, stderr);
  assert.match(stdout, /uses the grad "lab" from now on/);
  assert.match(stderr, /in the grad "local" stay there/);
  assert.match(await dir.read("config.yaml"), /^grad: lab$/m);
  assert.equal((await runCommand(["context", "use", "local"], at)).exit, 0);
  assert.match(await dir.read("config.yaml"), /^grad: local$/m);
});

Deno.test("context use refuses a context that does not exist, and changes nothing", async () => {
  await using dir = await tempWorkspace();
  await writeContexts(dir.path, LAB);
  const before = await dir.read("config.yaml");
  const { json } = await runCommand(["context", "use", "lap"], {
    cwd: dir.path,
    env: { HOME: dir.path },
    format: "json",
  });
  assert.deepEqual([json().error?.code, json().error?.hint], ["context_not_found", 'Did you mean "lab"?']);
  assert.equal(await dir.read("config.yaml"), before);
});

Deno.test("context remove removes the token and certificates that login wrote, and no other file", async () => {
  await using dir = await tempWorkspace();
  await writeContexts(dir.path, LAB);
  const config = join(dir.path, ".config/gractl");
  for (const name of ["lab.token", "lab-ca.pem", "other.token"]) {
    await dir.write(`.config/gractl/credentials/${name}`, "x");
  }
  const at = { cwd: dir.path, env: { HOME: dir.path } };
  await runCommand(["context", "use", "lab"], at);
  const { exit, json, stderr } = await runCommand(["context", "remove", "lab"], { ...at, format: "json" });
  assert.equal(exit, 0);
  assert.match(stderr, /names it: choose another grad with `gractl context use local`/);
  assert.deepEqual(json()["files"], [
    join(config, "credentials/lab.token"),
    join(config, "credentials/lab-ca.pem"),
    join(config, "contexts/lab.yaml"),
  ]);
  assert.equal(await dir.read(".config/gractl/credentials/other.token"), "x");
  const again = await runCommand(["context", "remove", "lab"], { ...at, format: "json" });
  assert.equal(again.json().error?.code, "context_not_found");
});

Deno.test("context list says when each token expires", async () => {
  await using dir = await tempWorkspace();
  const head = (name: string) =>
    `apiVersion: gractl/v1\nkind: Context\nname: ${name}\naddress: https://x.example\n`;
  await writeContexts(dir.path, { plain: "https://x.example", sock: "unix:/s" });
  const contexts = join(dir.path, ".config/gractl/contexts");
  const inOneHour = Date.parse("2026-11-23T13:00:00.000Z") / 1_000;
  for (const [name, exp] of [["soon", inOneHour], ["old", inOneHour - 7_200]] as const) {
    await Deno.writeTextFile(join(contexts, `${name}.yaml`), `${head(name)}tokenFile: ${name}.token\n`, {
      mode: 0o600,
    });
    await Deno.writeTextFile(join(contexts, `${name}.token`), unsignedToken({ exp }), { mode: 0o600 });
  }
  const { stdout } = await runCommand(["context", "list"], { env: { HOME: dir.path } });
  assert.match(stdout, /^old +\S+ +expired /m);
  assert.match(stdout, /^plain +\S+ +none /m);
  assert.match(stdout, /^sock +\S+ +not needed /m);
  assert.match(stdout, /^soon +\S+ +valid for 1 h 00 m /m);
});
