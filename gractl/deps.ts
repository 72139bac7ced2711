import type { Clock } from "../shared/clock.ts";
import type { ExitCode } from "../shared/error_codes.ts";
import type { Ids } from "../shared/ids.ts";
import type { Processes } from "../shared/process.ts";
import type { GradClient } from "./client/grad_client.ts";
import type { LocalGrad } from "./local_grad/local_grad.ts";
import type { Output } from "./ui/output.ts";
import type { Workspace } from "./workspace/workspace.ts";

/** Options that stand before or behind every command; the environment's variables are merged in. */
export type GlobalOptions = Readonly<{ workspace: string | undefined; address: string | undefined }>;

/** What commands are made of: `main.ts` and tests build it, nothing else reaches outside. */
export type Deps = Readonly<{
  env: Readonly<Record<string, string>>;
  cwd: string;
  clock: Clock;
  ids: Ids;
  out: Output;
  /** Aborts when the command is to end early: SIGTERM, or Ctrl-C where no `onInterrupt` handles it. */
  signal: AbortSignal;
  /** Global options as given; call it in an action only, when they have been parsed. */
  options(): GlobalOptions;
  /** The workspace that is used. @throws {GradError} `workspace_not_found`, `invalid_file` */
  workspace(): Promise<Workspace>;
  /** Connects to the grad of the workspace, starting the local one where it does not run.
   * @throws {GradError} `grad_unavailable`, `version_mismatch`, `unauthenticated` */
  connect(): Promise<GradClient>;
  /** Where grad is: "local" or "unix:/path". @throws {GradError} `workspace_not_found`, `invalid_file` */
  address(): Promise<string>;
  /** The grad of this machine. @throws {GradError} `invalid_argument` for folders that cannot be used */
  localGrad(): LocalGrad;
  processes: Pick<Processes, "run">;
  /** Gives Ctrl-C to `handler` until the result is disposed. */
  onInterrupt(handler: () => void): Disposable;
  /** The whole of standard input, at most `maxBytes`. @throws {GradError} `invalid_argument` */
  readStdin(maxBytes: number): Promise<Uint8Array>;
  /** What gractl is to end with, where nothing is thrown: the code of an execution, say. */
  endWith(exit: ExitCode): void;
}>;
