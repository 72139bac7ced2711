import { dirname, join } from "node:path";
import { runnerPython } from "../../shared/local_paths.ts";

/** A temporary home for gractl and grad: they read none of the user's files, and nothing remains. */
export type ScratchHome = Readonly<{
  dir: string;
  /** Occurs in the path of everything that belongs to this home, and nowhere else. */
  token: string;
  stateDir: string;
  runtimeDir: string;
  /** The whole environment of programs that run in this home. */
  env: Readonly<Record<string, string>>;
  /** Makes a folder below this home. */
  folder(name: string): string;
}>;

/** In /tmp and not in TMPDIR, since paths of unix sockets must be shorter than 108 bytes. */
export function makeScratchHome(): ScratchHome {
  const dir = Deno.makeTempDirSync({ dir: "/tmp", prefix: "gt-" });
  // Runners of root run as another user, to whom these folders lead to datasets.
  const mode = Deno.uid() === 0 ? 0o711 : 0o700;
  Deno.chmodSync(dir, mode);
  const folder = (name: string) => {
    Deno.mkdirSync(join(dir, name), { recursive: true, mode });
    return join(dir, name);
  };
  const real = Deno.env.toObject();
  const denoDir = real["DENO_DIR"] ??
    join(real["XDG_CACHE_HOME"] ?? join(real["HOME"] ?? "/", ".cache"), "deno");
  const stateDir = join(dir, "state");
  const runtimeDir = join(dir, "run");
  const env = {
    PATH: `${dirname(Deno.execPath())}:${real["PATH"] ?? "/usr/bin:/bin"}`,
    HOME: folder("home"),
    XDG_CONFIG_HOME: folder("home/.config"),
    XDG_CACHE_HOME: folder("home/.cache"),
    XDG_STATE_HOME: folder("home/.local/state"),
    TMPDIR: folder("tmp"),
    GRAD_STATE_DIR: stateDir,
    GRAD_RUNTIME_DIR: runtimeDir,
    GRAD_RUNNER_PYTHON: runnerPython(real),
    DENO_DIR: denoDir,
    DENO_NO_UPDATE_CHECK: "1",
    LANG: "C.UTF-8",
    NO_COLOR: "1",
    ...(real["DENORT_BIN"] === undefined ? {} : { DENORT_BIN: real["DENORT_BIN"] }),
    ...(real["DENO"] === undefined ? {} : { DENO: real["DENO"] }),
  };
  return { dir, token: dir.slice("/tmp/".length), stateDir, runtimeDir, env, folder };
}
