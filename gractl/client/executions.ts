import type { Dataset } from "./datasets.ts";
import type { RunnerRef, RunnerSpec } from "./runners.ts";

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
  /** Of docs/errors.md; text, since grad may be newer. */
  code: string;
  /** The exception's class, or empty. */
  name: string;
  message: string;
  traceback: readonly string[];
  hint: string;
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
}>;

/** One form of a result. `data` is empty where it is over 1 MiB: `path`, below /workspace, then has the whole. */
export type MimePart = Readonly<{ mediaType: string; data: Uint8Array; path: string; bytes: number }>;
export type MimeBundle = Readonly<{ parts: readonly MimePart[]; displayId: string; update: boolean }>;

/** A file that the execution made or changed; the checksum is hexadecimal and empty over 64 MiB. */
export type Artifact = Readonly<{ path: string; bytes: number; sha256: string; mediaType: string }>;

/** Something that happened and is not in the events; `of` is "stdout", "stderr", "results" or "artifacts". */
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
  /** A kind that this version does not know. */
  | Readonly<{ type: "unknown" }>;

/** `seq` counts from 1 without holes. */
export type Event = Readonly<{ seq: number; time: Date | undefined }> & EventKind;

/** The cursor to ask from next, and whether `finished` is before it. */
export type EventBatch = Readonly<{ events: readonly Event[]; nextSeq: number; done: boolean }>;

export type ExecuteRequest = Readonly<{
  runner: RunnerRef;
  spec: RunnerSpec;
  session: string;
  /** Empty means the session's own. */
  kernel: string;
  /** 16 to 64 characters of A-Za-z0-9_-. */
  idempotencyKey: string;
  code: string;
  /** A JSON object, or empty. */
  paramsJson: string;
  /** Counts from `started`; 0 means none. */
  deadlineMs: number;
  /** What is mounted from now on: the whole set. */
  datasets: readonly Dataset[];
  /** Names without which the code is not to start. */
  requiredDatasets: readonly string[];
  waitMs: number;
}>;

export type ExecuteAnswer = EventBatch & Readonly<{ execution: Execution }>;

export interface ExecutionCalls {
  /** Runs the code once for one key, however often it is called. @throws {GradError} `idempotency_conflict`, `dataset_*`,
   * `kernel_*`, `runner_*`, `outcome_unknown` when the call may have arrived and no answer came */
  execute(request: ExecuteRequest, signal: AbortSignal): Promise<ExecuteAnswer>;
  /** Events from `fromSeq` on, as soon as there is one or `waitMs` (at most 30,000) has passed.
   * @throws {GradError} `execution_not_found` */
  readEvents(
    request: { executionId: string; fromSeq: number; waitMs: number },
    signal: AbortSignal,
  ): Promise<EventBatch>;
  /** @throws {GradError} `execution_not_found` */
  get(executionId: string, signal: AbortSignal): Promise<Execution>;
  /** Newest first; an empty session means all. @throws {GradError} `runner_not_found` */
  list(
    request: { runner: RunnerRef; session: string; limit: number },
    signal: AbortSignal,
  ): Promise<readonly Execution[]>;
  /** Answers at once; `finished` follows in the events. @throws {GradError} `execution_not_found` */
  interrupt(executionId: string, signal: AbortSignal): Promise<Execution>;
}
