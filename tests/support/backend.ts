import type { Call, CallOptions } from "./gractl.ts";
import type { ProcessInfo } from "./proc.ts";
import type { Running } from "./process.ts";

export type Options = Partial<CallOptions>;

/** Where the same scenarios run: the local backend now, a cluster later. Disposing ends everything and tells of leaks. */
export interface Backend extends AsyncDisposable {
  readonly name: "local" | "kubernetes";
  /** A folder of this test's own. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs gractl to its end, by default in a fresh folder without a workspace. */
  gractl(args: readonly string[], options?: Options): Promise<Call>;
  /** Starts gractl, for scenarios that signal or watch it. */
  start(args: readonly string[], options?: Options): Running;
  /** Makes a folder with a workspace in it; the folder is where gractl is to be run. */
  makeWorkspace(): Promise<string>;
  /** Takes over a workspace that something else made in the folder `cwd`: its runners are ended with everything else. */
  adopt(cwd: string): void;
  /** A string that must never be seen outside of the user's own environment and files. */
  keepSecret(text: string): void;
  /** Looks for the secrets in every file, argument list and log there is; fails on the first. */
  assertNoSecretTold(): void;
  /** Ends grad as the OOM killer would. */
  killGrad(): Promise<void>;
  grad(): ProcessInfo | undefined;
  /** The agent of the one runner that is up. */
  agent(): ProcessInfo | undefined;
  /** Everything that runs for this test, sandboxes and their content included. */
  processes(): readonly ProcessInfo[];
}
