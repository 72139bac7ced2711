import { join } from "node:path";
import type { RunnerSpec } from "../runner.ts";
import type { RunnerPaths } from "./paths.ts";
import type { RunnerPython } from "./python.ts";
import { kernelEnv, trustedEnv } from "./component_env.ts";
import { cpuShareArgv, wholeCores } from "./cpu_share.ts";
import {
  isBelowUsr,
  type Sandbox,
  SANDBOX_KERNEL,
  SANDBOX_SPILL,
  SANDBOX_TMPFS,
  SANDBOX_VENV,
  SANDBOX_WORKSPACE,
  sandboxArgv,
} from "./sandbox_argv.ts";
import { tmpfsBytes } from "../tmpfs_share.ts";

/** A process that the init starts, and restarts when it ends. */
export type Component = Readonly<{
  name: "data" | "kernel" | "agent";
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  log: string;
  socket: string;
}>;

/** What no dataset of type directory may show to code. */
export type ProtectedFolders = Readonly<{
  /** Folders in which grad and gractl keep files of their own: no dataset is at, above or below one. */
  own: readonly string[];
  /** The user's home folder: no dataset is at or above it. */
  home: string;
}>;

export type ComponentOptions = Readonly<{
  id: string;
  paths: RunnerPaths;
  python: RunnerPython;
  spec: RunnerSpec;
  /** grad's PATH. */
  path: string;
  closedFiles: Sandbox["closedFiles"];
  protectedFolders: ProtectedFolders;
  /** False only by `--unsafe-no-sandbox`. */
  sandboxed: boolean;
  /** The runner's user where root runs grad; else it is grad's own. */
  uid?: number | undefined;
  /** A session's kernel ends after so long without use; 0 for never. */
  sessionIdleSeconds: number;
  /** Numbers of the cores that this process may use, at least one. */
  cores: readonly number[];
}>;

/** `-P`: a component never imports from its working folder, where the user may have a file named json.py. */
const MODULE = ["-P", "-m"] as const;

/** Tasks (processes and threads) of all kernels of one runner. A kernel without work has about ten. */
const MAX_TASKS = 2_048;

/** User code, under bubblewrap. */
export function kernelComponent(options: ComponentOptions): Component {
  const { id, paths, python, spec, closedFiles, sandboxed, path, cores } = options;
  const { cpuMillis, memoryMib, storageMib } = spec.resources;
  const limits = [
    ...["--memory-bytes", String(memoryMib * 2 ** 20), "--max-tasks", String(MAX_TASKS)],
    ...["--storage-bytes", String(storageMib * 2 ** 20), "--threads", String(wholeCores(cpuMillis))],
    ...["--spill", sandboxed ? SANDBOX_SPILL : paths.spill],
    ...(sandboxed ? SANDBOX_TMPFS.flatMap((folder) => ["--tmpfs", folder]) : []),
    // The filter would protect nothing without a sandbox: code can write the memory of grad itself, which has none.
    ...["--network", sandboxed ? spec.network : "unfiltered"],
    ...(sandboxed ? ["--own-user-namespace"] : []),
  ];
  const component = { name: "kernel", log: paths.log("kernel"), socket: paths.supervisorSocket } as const;
  const share = cpuShareArgv({ id, cores, cpuMillis });
  const { workspace, data, kernel, spill, accounts } = paths;
  if (!sandboxed) {
    // Not the workspace: caches of libraries are no files of the user's.
    const env = kernelEnv({ venv: python.venv, home: join(paths.spill, "home"), cpuMillis });
    const folders = ["--dir", kernel, "--workspace", workspace];
    return {
      ...component,
      argv: [...share, python.interpreter, ...MODULE, "grad_runner.kernel", ...folders, ...limits],
      env,
    };
  }
  const { venv, basePrefix } = python;
  const env = kernelEnv({ venv: SANDBOX_VENV, home: "/tmp/home", cpuMillis });
  const wrapper = sandboxArgv({
    workspace,
    data,
    kernel,
    spill,
    tmpfsBytes: tmpfsBytes(memoryMib),
    accounts,
    venv,
    basePrefix,
    closedFiles,
    network: spec.network,
    env,
  });
  const folders = ["--dir", SANDBOX_KERNEL, "--workspace", SANDBOX_WORKSPACE];
  const argv = [
    ...share,
    ...wrapper,
    `${SANDBOX_VENV}/bin/python`,
    ...MODULE,
    "grad_runner.kernel",
    ...folders,
    ...limits,
  ];
  // bwrap itself is found by PATH; the sandbox's environment stands in its arguments.
  return { ...component, argv, env: { PATH: path } };
}

export function agentComponent(options: ComponentOptions): Component {
  const { id, paths, python, spec, sandboxed, sessionIdleSeconds, path } = options;
  const argv = [
    ...[python.interpreter, ...MODULE, "grad_runner.agent"],
    ...["--listen", `unix:${paths.agentSocket}`],
    ...["--runner-id", id],
    ...["--workspace", paths.workspace],
    ...["--data", paths.data],
    ...["--state", paths.agentState],
    ...["--kernel-dir", paths.kernel],
    ...["--storage-bytes", String(spec.resources.storageMib * 2 ** 20), "--spill", paths.spill],
    ...["--datasets-version-file", paths.datasetsVersion],
    ...["--session-idle-seconds", String(sessionIdleSeconds)],
    // Without a sandbox code has the user's own network.
    ...["--network", sandboxed ? spec.network : "full"],
  ];
  return {
    name: "agent",
    argv,
    env: trustedEnv({ venv: python.venv, home: paths.agentState, path }),
    log: paths.log("agent"),
    socket: paths.agentSocket,
  };
}

export function dataComponent(options: ComponentOptions): Component {
  const { paths, python, sandboxed, path, uid, protectedFolders } = options;
  // What code wrote into the environment would run in all components.
  const environment = [python.venv, ...(isBelowUsr(python.basePrefix) ? [] : [python.basePrefix])];
  const argv = [
    ...[python.interpreter, ...MODULE, "grad_runner.data"],
    ...["--listen", `unix:${paths.dataSocket}`],
    ...["--mount-root", paths.data],
    ...["--shown-at", sandboxed ? `${SANDBOX_WORKSPACE}/data` : paths.dataPlace],
    ...["--cache-dir", paths.cache],
    ...["--version-file", paths.datasetsVersion],
    "--allow-directories",
    ...[...protectedFolders.own, ...environment].flatMap((folder) => ["--protected", folder]),
    ...(protectedFolders.home === "" ? [] : ["--home", protectedFolders.home]),
    // The sandbox's uid 1000 is this user outside, and the init's namespace calls this user 0.
    ...["--mount-uid", "0", "--mount-gid", "0"],
    ...(uid === undefined ? [] : ["--runner-uid", String(uid)]),
  ];
  return {
    name: "data",
    argv,
    env: trustedEnv({ venv: python.venv, home: paths.cache, path }),
    log: paths.log("data"),
    socket: paths.dataSocket,
  };
}
