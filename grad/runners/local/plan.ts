import {
  agentComponent,
  type Component,
  type ComponentOptions,
  dataComponent,
  kernelComponent,
} from "./components.ts";

/** What the init reads; `version` is 2. Components are started in this order. */
export type Plan = Readonly<{
  version: 2;
  runner: string;
  runtime: string;
  dataMountRoot: string;
  /** Made by the init, as the runner's user: code of the runner may have put links in their places. */
  folders: readonly string[];
  /** Folders that the init shows at another place, in its mount namespace. */
  binds: readonly Readonly<{ source: string; target: string }>[];
  /** Where datasets are seen: a folder that the sandbox mounts on, or without a sandbox a link to `dataMountRoot`. */
  dataPlace: Readonly<{ path: string; isLink: boolean }>;
  components: readonly Component[];
}>;

export function initPlan(options: ComponentOptions): Plan {
  const { id, paths, sandboxed } = options;
  return {
    version: 2,
    runner: id,
    runtime: paths.runtime,
    dataMountRoot: paths.data,
    folders: [
      ...[paths.code, paths.outputs, paths.agentState, paths.spill, paths.data, paths.kernel],
      paths.kernelFiles,
    ],
    binds: [{ source: paths.kernelFiles, target: paths.kernel }],
    dataPlace: { path: paths.dataPlace, isLink: !sandboxed },
    components: [dataComponent(options), kernelComponent(options), agentComponent(options)],
  };
}

/**
 * Namespaces in which the init is the first process: killing the outermost one ends everything in them, mounts included. A plain
 * user becomes root of a user namespace, which is what lets it mount; where root runs grad that is done by then.
 */
export function namespaceArgv(isRootOfNamespace: boolean): string[] {
  return [
    "unshare",
    ...(isRootOfNamespace ? [] : ["--user", "--map-root-user"]),
    ...["--mount", "--propagation", "private"],
    ...["--pid", "--fork", "--kill-child", "--mount-proc"],
  ];
}

/** Closes every descriptor but the first three, then becomes the program that its arguments name. */
const CLOSE_AND_BECOME =
  "import os, sys; os.closerange(3, os.sysconf('SC_OPEN_MAX')); os.execvp(sys.argv[1], sys.argv[1:])";

/**
 * The same program without grad's descriptors. Deno's sockets are inherited by child processes: without this, user code could
 * accept calls on grad's own socket, and be sent the keys of S3.
 */
export function withoutDescriptors(interpreter: string, argv: readonly string[]): string[] {
  return [interpreter, "-I", "-S", "-c", CLOSE_AND_BECOME, ...argv];
}
