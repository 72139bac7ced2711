/** Sessions of a runner: grad.v1.Session. */

/** `empty` has no kernel; `unspecified` is a state that this version does not know, from a newer agent. */
export type SessionState = "unspecified" | "empty" | "starting" | "idle" | "busy";

export interface Session {
  name: string;
  runnerId: string;
  kernel: string;
  state: SessionState;
  createdAt?: Date | undefined;
  lastUsedAt?: Date | undefined;
  generation: number;
  previousEnd: string;
  executions: number;
  runningExecutionId: string;
  queued: number;
}

/** Sessions of one runner. @throws {GradError} `session_not_found`, `kernel_not_found`, `runner_unavailable` */
export interface SessionAgent {
  listSessions(signal: AbortSignal): Promise<Session[]>;
  getSession(name: string, signal: AbortSignal): Promise<Session>;
  /** Ends the kernel; the next execution begins with a fresh one, of `kernel` unless that is empty. */
  resetSession(request: { name: string; kernel: string }, signal: AbortSignal): Promise<Session>;
  /** Ends the kernel and forgets the session. @throws {GradError} `session_busy` while code runs or waits, unless `force` */
  deleteSession(request: { name: string; force: boolean }, signal: AbortSignal): Promise<void>;
}
