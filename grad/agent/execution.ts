/**
 * Executions and their events as the agent tells them. The shapes are those of grad.v1, so that the edges hand them on as they
 * are; grad reads only ids and `done`, and never the events.
 */

/** grad.v1.ExecutionStatus: queued 1, running 2, succeeded 3, failed 4, interrupted 5, deadline 6, memory 7, crashed 8, lost 9. */
export type ExecutionStatus = -1 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

export interface ExecutionError {
  code: string;
  name: string;
  message: string;
  traceback: string[];
  hint: string;
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
}
