import { namespaceArgv, withoutDescriptors } from "./plan.ts";
import type { RunnerPaths } from "./paths.ts";
import type { RunnerPython } from "./python.ts";

/** Programs that components start; they may lie where only root gets, such as ~/.local/bin. */
const PROGRAMS = ["bwrap", "s3fs", "unshare"];

type Start = Readonly<{
  python: RunnerPython;
  /** The runner's user where root runs grad: see `RunnerUsers`. Else grad's own user is the runner's. */
  uid: number | undefined;
  /** An existing folder of grad, on which something is mounted for a moment that only the runner's namespace sees. */
  scratch: string;
}>;

/**
 * What stands before a command to run it as a runner's init: without grad's descriptors, without root's rights, and as the first
 * process of namespaces of its own.
 */
export function startArgv(start: Start & Readonly<{ paths: RunnerPaths }>): string[] {
  const { python, uid, paths } = start;
  if (uid === undefined) return withoutDescriptors(python.interpreter, namespaceArgv(false));
  return rootArgv({ ...start, uid }, {
    folders: [paths.volume, paths.cache, paths.runtime],
    files: ["data", "kernel", "agent"].map(paths.log),
    reach: [paths.folder, paths.logs, paths.runtime],
  });
}

/** The same to try a command that needs no runner's folders. */
export function trialArgv(start: Start): string[] {
  const { uid } = start;
  return uid === undefined
    ? namespaceArgv(false)
    : rootArgv({ ...start, uid }, { folders: [], files: [], reach: [] });
}

/** Root's part of a start: see `Setup` of grad_runner/init/drop_root.py. */
function rootArgv(
  { python, uid, scratch }: Start & Readonly<{ uid: number }>,
  { folders, files, reach }: Readonly<{ folders: string[]; files: string[]; reach: string[] }>,
): string[] {
  const { interpreter, venv, basePrefix } = python;
  const needed = [venv, basePrefix, interpreter, ...reach];
  const setup = { uid, scratch, folders, files, reach: needed, programs: PROGRAMS };
  const dropRoot = [interpreter, "-P", "-m", "grad_runner.init.drop_root", JSON.stringify(setup)];
  return [...dropRoot, ...namespaceArgv(true)];
}

/** Why root's part of a start failed, by what it logged, and what to do about it; `undefined` for any other text. */
export function refusalOf(log: string): Readonly<{ message: string; hint: string }> | undefined {
  const event = log.match(/\{[^{}]*"event": "root\.not_dropped"[^{}]*\}/g)?.at(-1);
  if (event === undefined) return undefined;
  const { error, code, uid, path } = JSON.parse(event) as Refusal;
  const isPath = path?.startsWith("/") ?? false;
  return {
    message: `Cannot become user ${uid}, which the runner runs as since root runs grad: ${error}${
      path === null ? "" : `: ${path}`
    }`,
    hint: code === "EACCES" && isPath
      ? "Give every user the right to enter and read that (`chmod a+rX`), or run grad as yourself, not as root."
      : isPath
      ? "Root needs the right to make mounts (in a container CAP_SYS_ADMIN); or run grad as yourself, not as root."
      : "Allow user namespaces (`sysctl user.max_user_namespaces=15000`), or run grad as yourself, not as root.",
  };
}

type Refusal = Readonly<{ error: string; code: string; uid: number; path: string | null }>;
