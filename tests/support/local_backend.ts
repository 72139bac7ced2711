import assert from "node:assert/strict";
import { join } from "node:path";
import type { Backend, Options } from "./backend.ts";
import { Call, program, startGractl } from "./gractl.ts";
import { destroyRunners } from "./destroy_runners.ts";
import { holdsFile } from "./holds_file.ts";
import { localComponent } from "./local_components.ts";
import { checkNothingLeft } from "./leaks.ts";
import { environOf, isAlive, killProcess, processesOf, type ProcessInfo } from "./proc.ts";
import { eventually, type Running } from "./process.ts";
import { runnerId } from "./runner_id.ts";
import { makeScratchHome } from "./scratch_home.ts";
import { findText } from "./secrets.ts";

/** The local backend: gractl starts grad by itself, in a scratch home. */
export function localBackend(): Backend {
  const home = makeScratchHome();
  const secrets = new Set<string>();
  const workspaces: string[] = [];
  const everSeen = new Map<string, ProcessInfo>();
  const env = home.env;

  function merged(options: Options) {
    const cwd = options.cwd ?? home.folder("empty");
    return { ...options, cwd, env: { ...env, ...options.env } };
  }
  function start(args: readonly string[], options: Options = {}): Running {
    return startGractl(args, merged(options));
  }
  async function gractl(args: readonly string[], options: Options = {}): Promise<Call> {
    const call = new Call(await start(args, options).ended);
    for (const secret of secrets) {
      assert.ok(!call.stdout.includes(secret) && !call.stderr.includes(secret), `told a secret: ${call}`);
    }
    return call;
  }
  function processes(): readonly ProcessInfo[] {
    const found = processesOf(home.token);
    for (const info of found) everSeen.set(`${info.pid}/${info.startTicks}`, info);
    return found;
  }
  // grad's own process, not the `deno` of gractl that started it nor a component below it.
  const grad = () =>
    processes().find((info) => isGrad(info.argv) && environOf(info.pid).includes(home.token));

  return {
    name: "local",
    host: "127.0.0.1",
    networkOptions: ["--network", "full"],
    token: "",
    dir: home.dir,
    env,
    gractl,
    start,
    async makeWorkspace() {
      const dir = home.folder(`w${workspaces.length + 1}`);
      workspaces.push(dir);
      (await gractl(["workspace", "init"], { cwd: dir })).exits(0);
      return dir;
    },
    adopt: (cwd) => void workspaces.push(cwd),
    keepSecret: (text) => void secrets.add(text),
    assertNoSecretTold() {
      const told = (text: string) => [...secrets].some((secret) => text.includes(secret));
      for (const dir of [...workspaces, home.stateDir, home.runtimeDir, join(home.dir, "tmp")]) {
        assert.equal(findText(dir, [...secrets]), undefined, "a secret stands in a file");
      }
      for (const { argv } of processes()) {
        assert.ok(!told(argv), `a secret stands in an argument list: ${argv}`);
      }
    },
    holdsFile: (name) => holdsFile(home.dir, name),
    async killGrad() {
      const info = grad();
      assert.ok(info !== undefined, "grad does not run");
      Deno.kill(info.pid, "SIGKILL");
      await eventually("grad's end", () => isAlive(info) ? undefined : true);
    },
    async stopGrad() {
      (await gractl(["grad", "stop"])).exits(0);
    },
    component: async (cwd, name, runner) =>
      localComponent(processes(), await runnerId(gractl, cwd, runner), name),
    async killRunner(cwd) {
      const id = await runnerId(gractl, cwd);
      const own = processes().filter(({ argv }) => argv.includes(`/${id}/`));
      assert.notEqual(own.length, 0, "the runner does not run");
      for (const info of own) killProcess(info);
      await eventually("the runner's end", () => own.some(isAlive) ? undefined : true);
    },
    grad,
    processes,
    async [Symbol.asyncDispose]() {
      processes();
      const failures: string[] = [];
      failures.push(...await destroyRunners(gractl, workspaces));
      const stop = await gractl(["grad", "stop"]);
      if (stop.code !== 0) failures.push(`cannot stop grad: ${stop}`);
      failures.push(
        ...await checkNothingLeft(home, () => [...processes(), ...[...everSeen.values()].filter(isAlive)]),
      );
      Deno.removeSync(home.dir, { recursive: true });
      assert.deepEqual(failures, [], "something is left behind");
    },
  };
}

function isGrad(argv: string): boolean {
  const prefix = program("grad").slice(-1)[0] ?? "grad";
  return new RegExp(`(^|\\s)(${RegExp.escape(prefix)}|\\S*grad(\\.js)?)\\s+serve\\b`).test(argv) ||
    /grad\/main\.ts serve\b/.test(argv);
}
