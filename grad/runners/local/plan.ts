import {
  agentComponent,
  type Component,
  type ComponentOptions,
  dataComponent,
  kernelComponent,
} from "./components.ts";

/** What the init reads; `version` is 1. Components are started in this order. */
export type Plan = Readonly<{
  version: 1;
  runner: string;
  runtime: string;
  dataMountRoot: string;
  components: readonly Component[];
}>;

export function initPlan(options: ComponentOptions): Plan {
  const { id, paths } = options;
  return {
    version: 1,
    runner: id,
    runtime: paths.runtime,
    dataMountRoot: paths.data,
    components: [dataComponent(options), kernelComponent(options), agentComponent(options)],
  };
}

/**
 * Namespaces in which the init is the first process: killing the outermost one ends everything in them, mounts included. A plain
 * user becomes root of a user namespace, which is what lets it mount.
 */
export function namespaceArgv(isRoot: boolean): string[] {
  return [
    "unshare",
    ...(isRoot ? [] : ["--user", "--map-root-user"]),
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
