import type { SessionAgent } from "./session.ts";
import type { FileAgent } from "./file.ts";
import type { EventBatch } from "./event.ts";
import type { Execution } from "./execution.ts";

export interface AgentInfo {
  agentVersion: string;
  api: number;
  runnerId: string;
  /** A kernel can be started now. */
  ready: boolean;
  /** Executions queued or running. */
  activeExecutions: number;
  /** Milliseconds since the epoch; 0 for never. */
  lastActiveMs: bigint;
  lastActivity: string;
}

/** Code for the agent, checked. `waitMs` bounds the wait for the first events, `maxBytes` their size. */
export interface CodeRequest {
  idempotencyKey: string;
  session: string;
  kernel: string;
  code: string;
  paramsJson: string;
  deadlineMs: number;
  waitMs: number;
  maxBytes: number;
  /** What tracebacks call the code, or empty. */
  codeName: string;
  /** Width of the user's terminal, or 0. */
  columns: number;
  process?: ProcessSettings | undefined;
}

/** What the code finds around it. Afterwards it is as before, unless the code has changed it. */
export interface ProcessSettings {
  /** Environment variables. */
  variables: { [name: string]: string };
  /** Absolute, or relative to /workspace; empty means where the session is. */
  workingDirectory: string;
}

/** Code, and the version of the datasets that it is for: `AppliedDatasets.version`, or empty for whichever are attached. */
export type SubmittedCode = CodeRequest & Readonly<{ datasetsVersion: string }>;

export interface Executed extends EventBatch {
  execution: Execution;
}

export interface ReadRequest {
  executionId: string;
  fromSeq: bigint;
  maxBytes: number;
  waitMs: number;
}

/**
 * Executions of one runner. Every method may be called again with the same arguments: `execute` runs code once for one key.
 * Rejects with the GradError that the agent sent, or with `runner_unavailable` when it cannot be reached.
 */
export interface ExecutionAgent {
  /** @throws {GradError} `datasets_changed` when others are attached than the request is for; then the code was not accepted */
  execute(request: SubmittedCode, signal: AbortSignal): Promise<Executed>;
  readEvents(request: ReadRequest, signal: AbortSignal): Promise<EventBatch>;
  getExecution(id: string, signal: AbortSignal): Promise<Execution>;
  /** Newest first; an empty session means all. */
  listExecutions(request: { session: string; limit: number }, signal: AbortSignal): Promise<Execution[]>;
  /**
   * Interrupts the code, or with `force` ends its kernel. Answers when the execution has ended, at the latest after `waitMs`.
   * An agent of an earlier version answers at once, and ends the kernel of code that takes no notice.
   */
  interruptExecution(
    request: Readonly<{ executionId: string; force: boolean; waitMs: number }>,
    signal: AbortSignal,
  ): Promise<Execution>;
  /**
   * Refuses code with `runner_unavailable` for `holdMs`, or until the same holder says 0; keys that are known are still answered. Code is
   * accepted while nobody has a hold. @throws {GradError} `version_mismatch` of an agent that cannot
   */
  holdCode(hold: Readonly<{ holder: string; holdMs: number }>, signal: AbortSignal): Promise<void>;
}

/** The trusted component of a runner, as grad calls it. */
export interface Agent extends ExecutionAgent, SessionAgent, FileAgent {
  /** Resolves as soon as kernels can be started, or after `waitMs` with `ready` false. Also waits for the agent's socket to exist. */
  getInfo(waitMs: number, signal: AbortSignal): Promise<AgentInfo>;
}
