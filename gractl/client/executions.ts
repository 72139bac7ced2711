import type { Dataset } from "./datasets.ts";
import type { AttachedDataset, RunnerRef, RunnerSpec } from "./runners.ts";

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

export type ExecutionError = Readonly<{
  /** A code of docs/errors.md, or one that only a newer grad knows. */
  code: string;
  /** The class of the exception; may be empty. */
  name: string;
  message: string;
  /** Without the frames of libraries, but for the last one. */
  traceback: readonly string[];
  hint: string;
  /** With all frames; empty where `traceback` has them. */
  fullTraceback: readonly string[];
}>;

export type Usage = Readonly<{ cpuMs: number; peakMemoryBytes: number }>;
export type Truncated = Readonly<{ stdout: boolean; stderr: boolean; results: boolean }>;

export type Execution = Readonly<{
  id: string;
  runner: RunnerRef;
  session: string;
  kernel: string;
  status: ExecutionStatus;
  queuedAt: Date | undefined;
  startedAt: Date | undefined;
  finishedAt: Date | undefined;
  codePath: string;
  error: ExecutionError | undefined;
  usage: Usage | undefined;
  truncated: Truncated | undefined;
  deadlineMs: number;
  /** The first line of the code that is not blank, shortened; empty from an older runner. */
  firstLine: string;
  /** As it was submitted. Only of `get`; empty from an older runner. */
  code: string;
}>;

/**
 * One representation of a result. Above 1 MiB the file at `path` (relative to /workspace) has the contents, and `data` the beginning and the end
 * of a text, or nothing: it is whole where it has `bytes`.
 */
export type MimePart = Readonly<{ mediaType: string; data: Uint8Array; path: string; bytes: number }>;
export type MimeBundle = Readonly<{ parts: readonly MimePart[]; displayId: string; update: boolean }>;

/** A file that the execution created or changed. `sha256` is hexadecimal, and empty for files above 64 MiB. */
export type Artifact = Readonly<{ path: string; bytes: number; sha256: string; mediaType: string }>;

/** Output that the events leave out: `amount` bytes or items of "stdout", "stderr", "results" or "artifacts"; `path` has all of it, if set. */
export type Gap = Readonly<{ of: string; amount: number; path: string }>;

export type EventKind =
  | Readonly<{ type: "queued"; ahead: number }>
  | Readonly<{ type: "started"; generation: number; freshKernel: boolean; previousEnd: string }>
  | Readonly<{ type: "stdout" | "stderr"; data: Uint8Array }>
  | Readonly<{ type: "display" | "result"; bundle: MimeBundle }>
  | Readonly<{ type: "error"; error: ExecutionError }>
  | Readonly<{ type: "artifact"; artifact: Artifact }>
  | Readonly<{ type: "gap"; gap: Gap }>
  | Readonly<
    {
      type: "finished";
      status: ExecutionStatus;
      durationMs: number;
      usage: Usage | undefined;
      truncated: Truncated | undefined;
    }
  >
  /** What was shown so far is to be removed: now, or with `wait` when the next output comes. */
  | Readonly<{ type: "clear"; wait: boolean }>
  /** A type of event that only a newer grad knows. */
  | Readonly<{ type: "unknown" }>;

/** `seq` counts from 1 without gaps. */
export type Event = Readonly<{ seq: number; time: Date | undefined }> & EventKind;

/** `nextSeq` is the cursor for the next call; `done` means that the event `finished` is before it. */
export type EventBatch = Readonly<{ events: readonly Event[]; nextSeq: number; done: boolean }>;

export type ExecuteRequest = Readonly<{
  runner: RunnerRef;
  spec: RunnerSpec;
  session: string;
  /** Kernelspec; empty means that of the session. */
  kernel: string;
  /** 16 to 64 characters of A-Z, a-z, 0-9, _ and -. */
  idempotencyKey: string;
  code: string;
  /** A JSON object, or empty. */
  paramsJson: string;
  /** Time limit from the event `started` on; 0 means none. */
  deadlineMs: number;
  /** All datasets that the runner is to have; others are detached. */
  datasets: readonly Dataset[];
  /** Names of datasets without which the code does not start. */
  requiredDatasets: readonly string[];
  /** What is mounted beside `datasets` stays. Without any `datasets` the mounts are left as they are. */
  keepOtherDatasets: boolean;
  waitMs: number;
  /** What tracebacks call the code: the path of its file; empty for code without a file. */
  codeName: string;
  /** Width of the terminal that shows the output; 0 where there is none. */
  columns: number;
  /** The runner is not created where there is none. */
  existingRunner?: boolean | undefined;
  /** What the code finds around it: environment variables, and where it runs; an empty directory means where its session is. */
  process?: Readonly<{ variables: { [name: string]: string }; workingDirectory: string }> | undefined;
}>;

export type ExecuteAnswer =
  & EventBatch
  & Readonly<{
    execution: Execution;
    /** The runner was paused, and this call has resumed it. */
    resumed: boolean;
    /** Those of the call's datasets that code cannot read for now. */
    unavailableDatasets: readonly AttachedDataset[];
  }>;

export interface ExecutionCalls {
  /** Runs the code. Repeated calls with the same idempotency key return the same execution. @throws {GradError} `idempotency_conflict`, `dataset_*`,
   * `kernel_*`, `runner_*`, `outcome_unknown` where no response came, although grad may have received the call */
  execute(request: ExecuteRequest, signal: AbortSignal): Promise<ExecuteAnswer>;
  /** Events from `fromSeq` on. Responds when there is at least one, or after `waitMs` (at most 30,000).
   * @throws {GradError} `execution_not_found` */
  readEvents(
    request: { executionId: string; fromSeq: number; waitMs: number },
    signal: AbortSignal,
  ): Promise<EventBatch>;
  /** @throws {GradError} `execution_not_found` */
  get(executionId: string, signal: AbortSignal): Promise<Execution>;
  /** Executions, newest first; an empty session means all sessions. @throws {GradError} `runner_not_found` */
  list(
    request: { runner: RunnerRef; session: string; limit: number },
    signal: AbortSignal,
  ): Promise<readonly Execution[]>;
  /** Interrupts the code, or with `force` ends its kernel and loses the variables of its session. Returns when the execution has ended, or
   * after `waitMs` (at most 30,000). @throws {GradError} `execution_not_found` */
  interrupt(
    request: Readonly<{ executionId: string; force: boolean; waitMs: number }>,
    signal: AbortSignal,
  ): Promise<Execution>;
}
