/** People close their terminals and log out: the code goes on. */
import assert from "node:assert/strict";
import { program } from "../support/gractl.ts";
import { start } from "../support/process.ts";
import { suite } from "../support/suite.ts";
import { commandInTerminal } from "../support/terminal.ts";

const scenario = suite();

const quoted = (argv: readonly string[]) => argv.map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`).join(" ");
/** Says that it has begun, then waits for a file. */
const waiting = (name: string) =>
  `import os, time\nprint('begun', flush=True)\nwhile not os.path.exists('${name}'): time.sleep(0.02)\nos.remove('${name}')\nprint('ended')`;

scenario("closing the terminal leaves the code running", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const gractl = [...program("gractl"), "execute-code", "--code", waiting("closed")];
  // The shell tells its process id, so that the test can hang up the terminal's session as its window does.
  const terminal = commandInTerminal(backend, ["sh", "-c", `echo pid $$; exec ${quoted(gractl)}`], cwd);
  await terminal.saw(/begun/);
  const newest = (await backend.gractl(["execution", "list", "-o", "json"], { cwd })).exits(0).json();
  assert.equal(newest.items[0].status, "running");
  const pid = backend.processes().find(({ argv }) =>
    argv.includes(waiting("closed")) && !argv.startsWith("script")
  )
    ?.pid;
  assert.ok(pid !== undefined, "gractl is not running");
  Deno.kill(pid, "SIGHUP");
  await terminal.ended;
  const touch = ["execute-code", "--session", "other", "--code", "open('closed', 'w').close()"];
  (await backend.gractl(touch, { cwd })).exits(0);
  const attached = await backend.gractl(["execution", "attach", newest.items[0].id], { cwd });
  assert.equal(attached.exits(0).stdout, "begun\nended\n");
}, { only: "local" });

scenario("nohup keeps gractl with the code when the session is hung up", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const gractl = [...program("gractl"), "execute-code", "--code", waiting("hung-up")];
  const running = start(["sh", "-c", `trap '' HUP; exec ${quoted(gractl)}`], { cwd, env: backend.env });
  await running.saw(/begun/);
  running.signal("SIGHUP");
  const touch = ["execute-code", "--session", "other", "--code", "open('hung-up', 'w').close()"];
  (await backend.gractl(touch, { cwd })).exits(0);
  const { code, stdout } = await running.ended;
  assert.deepEqual([code, stdout], [0, "begun\nended\n"]);
});
