import type { GradClient, GradInfo } from "../client/grad_client.ts";

export type LocalGradStatus = Readonly<{
  running: boolean;
  /** "unix:/path" */
  address: string;
  stateDir: string;
  logFile: string;
  /** Where it runs and its process is known. */
  pid: number | undefined;
  info: GradInfo | undefined;
}>;

/** The grad that gractl keeps on this machine. Starting and stopping touch no runner. */
export interface LocalGrad {
  /** Where it listens, running or not: "unix:/path". */
  readonly address: string;
  /** Connects to it, starting it where it does not run. @throws {GradError} as `start`, `version_mismatch` */
  connect(signal: AbortSignal): Promise<GradClient>;
  /** Starts it unless it runs, and waits until it answers. `started` is false where it ran.
   * @throws {GradError} `grad_unavailable` with the end of its log */
  start(
    options: { unsafeNoSandbox: boolean },
    signal: AbortSignal,
  ): Promise<LocalGradStatus & { started: boolean }>;
  /** `stopped` is false where none ran. */
  stop(signal: AbortSignal): Promise<{ stopped: boolean }>;
  status(signal: AbortSignal): Promise<LocalGradStatus>;
}
