import type { GradClient, GradInfo } from "../client/grad_client.ts";

export type LocalGradStatus = Readonly<{
  running: boolean;
  /** "unix:/path": where it listens, or where it listened last or would listen. */
  address: string;
  stateDir: string;
  logFile: string;
  /** Undefined when it does not run. */
  pid: number | undefined;
  info: GradInfo | undefined;
}>;

/** The grad that serves this user's state folder on this machine. Starting and stopping it does not touch runners. */
export interface LocalGrad {
  /** Connects to it; starts it first if it does not run. @throws {GradError} as `start`, `version_mismatch` */
  connect(signal: AbortSignal): Promise<GradClient>;
  /** Starts it unless it runs, and waits until it answers. `started` is false when it ran already.
   * @throws {GradError} `grad_unavailable` with the end of its log */
  start(
    options: { unsafeNoSandbox: boolean },
    signal: AbortSignal,
  ): Promise<LocalGradStatus & { started: boolean }>;
  /** Ends it and waits for its end. `stopped` is false when none ran. @throws {GradError} `grad_unavailable` when it does not end */
  stop(signal: AbortSignal): Promise<{ stopped: boolean }>;
  status(signal: AbortSignal): Promise<LocalGradStatus>;
}
