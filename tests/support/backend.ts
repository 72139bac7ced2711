import type { ComponentName, ComponentProcess } from "./components.ts";
import type { Call, CallOptions } from "./gractl.ts";
import type { ProcessInfo } from "./proc.ts";
import type { Running } from "./process.ts";

export type Options = Partial<CallOptions>;

export type BackendName = "local" | "kubernetes";

/** Where the same scenarios run: on this machine, or on a grad in a cluster. Disposing ends everything and fails on leaks. */
export interface Backend extends AsyncDisposable {
  readonly name: BackendName;
  /** The address of this machine by which runners reach servers of the tests. */
  readonly host: string;
  /** Options of `runner create` for a runner whose code has a network. */
  readonly networkOptions: readonly string[];
  /** The token of gractl's calls; empty on this machine. */
  readonly token: string;
  /** A folder that only this test uses. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs gractl to its end, by default in a fresh folder without a workspace. */
  gractl(args: readonly string[], options?: Options): Promise<Call>;
  /** Starts gractl, for scenarios that signal or watch it. */
  start(args: readonly string[], options?: Options): Running;
  /** Creates a folder with a workspace in it, and returns the folder, in which gractl is run. */
  makeWorkspace(): Promise<string>;
  /** Registers a workspace in the folder `cwd` that was created otherwise, so that its runners are ended with everything else. */
  adopt(cwd: string): void;
  /** A string that must never occur outside of the user's own environment and files. */
  keepSecret(text: string): void;
  /** Searches every file, argument list and log for the secrets; fails on the first occurrence. */
  assertNoSecretTold(): void | Promise<void>;
  /** Whether a file whose name matches is in this test's folder or in the workspace of a runner. */
  holdsFile(name: RegExp): Promise<boolean>;
  /**
   * Kills grad with SIGKILL, as the OOM killer does. In a cluster the replica that answered last is deleted without its grace period;
   * returns when two are ready again.
   */
  killGrad(): Promise<void>;
  /** Ends grad as its users and operators do. In a cluster the replica that answered last; returns when two are ready again. */
  stopGrad(): Promise<void>;
  /** A component of a runner, by default `runner-1`, of the workspace in the folder; `undefined` while it does not run. */
  component(cwd: string, name: ComponentName, runner?: string): Promise<ComponentProcess | undefined>;
  /** Ends all processes of `runner-1` without warning, as a crash of its machine does; in a cluster deletes its pod. */
  killRunner(cwd: string): Promise<void>;
  // Of this machine alone: a cluster's processes are not in reach.
  grad(): ProcessInfo | undefined;
  /** All processes of this test, including those in sandboxes. */
  processes(): readonly ProcessInfo[];
}
