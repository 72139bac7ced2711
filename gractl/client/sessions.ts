import type { RunnerRef } from "./runners.ts";

export type SessionState = "unspecified" | "empty" | "starting" | "idle" | "busy";

export type Session = Readonly<{
  name: string;
  runnerId: string;
  kernel: string;
  state: SessionState;
  createdAt: Date | undefined;
  lastUsedAt: Date | undefined;
  /** Number of kernels that the session has had; each new one starts without variables. */
  generation: number;
  /** Why the previous kernel ended; empty for the first one. */
  previousEnd: string;
  executions: number;
  /** Empty while no execution runs. */
  runningExecutionId: string;
  queued: number;
}>;

/** Sessions of a runner. No call starts one. */
export interface SessionCalls {
  /** @throws {GradError} `runner_not_found` */
  list(runner: RunnerRef, signal: AbortSignal): Promise<readonly Session[]>;
  /** @throws {GradError} `runner_not_found`, `session_not_found` */
  get(runner: RunnerRef, name: string, signal: AbortSignal): Promise<Session>;
  /** Ends the kernel; the next execution starts a new one, of the same kernelspec where `kernel` is empty. @throws {GradError} `runner_not_found`, `session_not_found` */
  reset(runner: RunnerRef, options: { name: string; kernel: string }, signal: AbortSignal): Promise<Session>;
  /** Ends the kernel and forgets the session. @throws {GradError} `runner_not_found`, `session_not_found`, `session_busy` unless `force` */
  delete(runner: RunnerRef, options: { name: string; force: boolean }, signal: AbortSignal): Promise<void>;
}
