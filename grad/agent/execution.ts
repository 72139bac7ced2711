/** Executions of a runner: grad.v1.Execution. */

/** `unspecified` is a status that this version does not know, from a newer agent. */
export type ExecutionStatus =
  | "unspecified"
  | "queued"
  | "running"
  | "succeeded"
  | "failed"
  | "interrupted"
  | "deadline_exceeded"
  | "out_of_memory"
  | "crashed"
  | "lost";

export interface ExecutionError {
  code: string;
  name: string;
  message: string;
  traceback: string[];
  hint: string;
  fullTraceback: string[];
}

export interface Usage {
  cpuMs: bigint;
  peakMemoryBytes: bigint;
}

export interface Truncated {
  stdout: boolean;
  stderr: boolean;
  results: boolean;
}

export interface Execution {
  id: string;
  session: string;
  kernel: string;
  status: ExecutionStatus;
  queuedAt?: Date | undefined;
  startedAt?: Date | undefined;
  finishedAt?: Date | undefined;
  codePath: string;
  error?: ExecutionError | undefined;
  usage?: Usage | undefined;
  truncated?: Truncated | undefined;
  deadlineMs: number;
  /** The first line of the code that is not blank, shortened; empty from an older agent. */
  firstLine: string;
  /** As it was submitted. Only of an execution that was asked for by its id; empty from an older agent. */
  code: string;
}
