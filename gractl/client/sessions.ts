import type { RunnerRef } from "./runners.ts";

export type SessionState = "unspecified" | "empty" | "starting" | "idle" | "busy";

export type Session = Readonly<{
  name: string;
  runnerId: string;
  kernel: string;
  state: SessionState;
  createdAt: Date | undefined;
  lastUsedAt: Date | undefined;
  /** How many kernels it has had: variables do not outlive a generation. */
  generation: number;
  /** Why the kernel before this one ended; empty in the first. */
  previousEnd: string;
  executions: number;
  /** Empty when idle. */
  runningExecutionId: string;
  queued: number;
}>;

/** Sessions of a runner. Never starts one. */
export interface SessionCalls {
  /** @throws {GradError} `runner_not_found` */
  list(runner: RunnerRef, signal: AbortSignal): Promise<readonly Session[]>;
  /** @throws {GradError} `runner_not_found`, `session_not_found` */
  get(runner: RunnerRef, name: string, signal: AbortSignal): Promise<Session>;
  /** Ends the kernel; an empty `kernel` keeps the kernelspec. @throws {GradError} `runner_not_found`, `session_not_found` */
  reset(runner: RunnerRef, options: { name: string; kernel: string }, signal: AbortSignal): Promise<Session>;
}
