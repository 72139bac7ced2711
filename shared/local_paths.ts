/**
 * Where grad and gractl keep their files on this machine unless told otherwise: the one place that knows XDG's variables and
 * defaults. `tools/lib/env.sh` repeats the cache and the state folder for shell scripts, and docs/configuration.md describes them.
 */
import { join } from "node:path";

export type Env = Readonly<Record<string, string | undefined>>;

/** Variables that the functions below read. */
export const PATH_VARIABLES = [
  "GRAD_RUNNER_PYTHON",
  "GRAD_RUNTIME_DIR",
  "GRAD_STATE_DIR",
  "HOME",
  "XDG_CACHE_HOME",
  "XDG_CONFIG_HOME",
  "XDG_RUNTIME_DIR",
  "XDG_STATE_HOME",
] as const;

/** Records, volumes and logs of runners; outlives a reboot. GRAD_STATE_DIR, else `grad` below XDG's state folder. */
export function stateFolder(env: Env): string {
  return env["GRAD_STATE_DIR"] || join(xdgFolder(env, "XDG_STATE_HOME", ".local/state"), "grad");
}

/** Sockets and mounts; a reboot or a logout may empty it. A grad prefers the folder that its state folder names already. */
export function runtimeFolder(env: Env, user: Readonly<{ uid: number; ownsXdgRuntimeDir: boolean }>): string {
  const xdg = user.ownsXdgRuntimeDir ? absolute(env["XDG_RUNTIME_DIR"]) : undefined;
  return env["GRAD_RUNTIME_DIR"] || (xdg === undefined ? `/tmp/grad-${user.uid}` : join(xdg, "grad"));
}

/** The runners' Python environment, tools and test data; can be deleted and made again. */
export function cacheFolder(env: Env): string {
  return join(xdgFolder(env, "XDG_CACHE_HOME", ".cache"), "grad");
}

/** bin/python of the environment that local runners use. */
export function runnerPython(env: Env): string {
  return env["GRAD_RUNNER_PYTHON"] || join(cacheFolder(env), "venv/bin/python");
}

/** gractl's own settings, such as contexts: the user writes them, and no workspace can. */
export function configFolder(env: Env): string {
  return join(xdgFolder(env, "XDG_CONFIG_HOME", ".config"), "gractl");
}

/** What gractl keeps about workspaces outside of them. */
export function clientStateFolder(env: Env): string {
  return join(xdgFolder(env, "XDG_STATE_HOME", ".local/state"), "gractl");
}

function xdgFolder(
  env: Env,
  variable: "XDG_STATE_HOME" | "XDG_CACHE_HOME" | "XDG_CONFIG_HOME",
  belowHome: string,
): string {
  return absolute(env[variable]) ?? join(env["HOME"] || "/", belowHome);
}

/** XDG's specification: a relative path in one of its variables is ignored. */
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith("/") ? path : undefined;
}
