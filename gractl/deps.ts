import type { Clock } from "../shared/clock.ts";
import type { ExitCode } from "../shared/error_codes.ts";
import type { Ids } from "../shared/ids.ts";
import type { Context } from "./auth/context.ts";
import type { Anywhere } from "./auth/grad_of_workspace.ts";
import type { Kubectl } from "./auth/kubectl.ts";
import type { ServerOfContext } from "./auth/network_server.ts";
import type { Target } from "./auth/target.ts";
import type { TokenSource } from "./client/token_source.ts";
import type { GradClient } from "./client/grad_client.ts";
import type { LocalGrad } from "./local_grad/local_grad.ts";
import type { Output } from "./ui/output.ts";
import type { Trust } from "./workspace/trust/trust.ts";
import type { Workspace } from "./workspace/workspace.ts";

/** Options that every command has, merged with environment variables. */
export type GlobalOptions = Readonly<{ workspace: string | undefined; context: string | undefined }>;

/** Everything that commands need from outside. `main.ts` and tests provide it. */
export type Deps = Readonly<{
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** The user who runs gractl. */
  uid: number;
  clock: Clock;
  ids: Ids;
  out: Output;
  /** Aborts when the command should end early: on SIGTERM, or on Ctrl-C without an `onInterrupt` handler. */
  signal: AbortSignal;
  /** The global options. Valid in actions, when the command line has been parsed. */
  options(): GlobalOptions;
  /** The current workspace. @throws {GradError} `workspace_not_found`, `workspace_not_owned`, `invalid_file` */
  workspace(): Promise<Workspace>;
  /** The current workspace, for what acts on its runners. The user trusts it, and with its grad where no context is named.
   * @throws {GradError} as `workspace`, `workspace_untrusted`, `trust_file_invalid` */
  trustedWorkspace(): Promise<Workspace>;
  /** What the user has decided about workspaces. */
  trust(): Trust;
  /** Connects to the grad that `target` names. Starts the local grad if it is not running.
   * @throws {GradError} as `target`, `grad_unavailable`, `version_mismatch`, `unauthenticated` */
  connect(where?: Anywhere): Promise<GradClient>;
  /** The grad of `--context`, or else of the workspace.
   * @throws {GradError} as `trustedWorkspace`, `context_not_found`, `permission_denied` */
  target(where?: Anywhere): Promise<Target>;
  /** The tokens for a context of the network. @throws {GradError} `usage` where GRACTL_TOKEN is set and the context is not named */
  tokens(context: Context): Promise<TokenSource>;
  /** kubectl of the user. */
  kubectl(): Kubectl;
  /** Connects to a server of the network. @throws {GradError} as `dialNetworkGrad` */
  dialNetwork(server: ServerOfContext, tokens: TokenSource): Promise<GradClient>;
  /** The local grad. @throws {GradError} `invalid_argument` where its folders are unusable */
  localGrad(): LocalGrad;
  /** Calls `handler` on Ctrl-C until the result is disposed. */
  onInterrupt(handler: () => void): Disposable;
  /** Standard input is no terminal, so that it may hold something. */
  stdinIsPiped(): boolean;
  /** Reads standard input to its end. @throws {GradError} `invalid_argument` above `maxBytes` */
  readStdin(maxBytes: number): Promise<Uint8Array>;
  /** Asks the user on the terminal and returns the answer; `undefined`, and nothing is asked, where there is no terminal. */
  ask(question: string): Promise<string | undefined>;
  /** Sets the exit code for a command that does not throw, such as that of an execution. */
  endWith(exit: ExitCode): void;
}>;
