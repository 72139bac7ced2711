import { ERROR_CODES, type ExitCode, isErrorCode } from "../../../shared/error_codes.ts";
import type {
  Event,
  Execution,
  ExecutionError,
  ExecutionStatus,
  Gap,
  Truncated,
  Usage,
} from "../../client/executions.ts";
import { formatSize } from "../../../shared/size.ts";
import { durationMs } from "../../documents/execution_duration.ts";

const NONE_TRUNCATED: Truncated = { stdout: false, stderr: false, results: false };

/** The state of an execution without its output, first from the response of grad, then from events. */
export class Summary {
  #execution: Execution;
  #status: ExecutionStatus;
  #startedAt: Date | undefined;
  #finishedAt: Date | undefined;
  #durationMs: number | undefined;
  #error: ExecutionError | undefined;
  #usage: Usage | undefined;
  #truncated: Truncated;
  readonly #warnings: string[];

  constructor(execution: Execution, warnings: readonly string[] = []) {
    this.#execution = execution;
    this.#status = execution.status;
    this.#startedAt = execution.startedAt;
    this.#finishedAt = execution.finishedAt;
    this.#durationMs = durationMs(execution);
    this.#error = execution.error;
    this.#usage = execution.usage;
    this.#truncated = execution.truncated ?? NONE_TRUNCATED;
    this.#warnings = [...warnings];
  }

  get id(): string {
    return this.#execution.id;
  }
  get status(): ExecutionStatus {
    return this.#status;
  }
  get session(): string {
    return this.#execution.session;
  }
  get error(): ExecutionError | undefined {
    return this.#error;
  }
  get durationMs(): number | undefined {
    return this.#durationMs;
  }
  get finished(): boolean {
    return !["queued", "running", "unspecified"].includes(this.#status);
  }

  /** Applies an event. Returns the warning that results from it, if any. */
  add(event: Event): string | undefined {
    switch (event.type) {
      case "queued":
        this.#status = "queued";
        return undefined;
      case "started":
        this.#status = "running";
        this.#startedAt = event.time;
        return event.freshKernel && event.previousEnd !== ""
          ? this.warn(lostVariables(event.previousEnd))
          : undefined;
      case "error":
        this.#error = event.error;
        return undefined;
      case "gap":
        return this.warn(omitted(event.gap));
      case "finished":
        this.#status = event.status;
        this.#finishedAt = event.time;
        this.#durationMs = event.durationMs;
        this.#usage = event.usage ?? this.#usage;
        this.#truncated = event.truncated ?? this.#truncated;
        return undefined;
      default:
        return undefined;
    }
  }

  warn(text: string): string {
    this.#warnings.push(text);
    return text;
  }

  /** Fields of kind Execution before and after the output. `cut` states which output the document omits. */
  fields(cut: Truncated): { before: Record<string, unknown>; after: Record<string, unknown> } {
    const { id, runner, session, kernel, queuedAt, codePath } = this.#execution;
    const finished = this.finished;
    return {
      before: {
        id,
        runner: runner.name,
        session,
        kernel,
        status: this.#status,
        queuedAt: queuedAt ?? null,
        startedAt: this.#startedAt ?? null,
        finishedAt: this.#finishedAt ?? null,
        durationMs: finished ? this.#durationMs ?? null : null,
      },
      after: {
        error: this.#error === undefined ? null : errorOf(this.#error),
        usage: this.#usage ?? { cpuMs: 0, peakMemoryBytes: 0 },
        truncated: {
          stdout: this.#truncated.stdout || cut.stdout,
          stderr: this.#truncated.stderr || cut.stderr,
          results: this.#truncated.results || cut.results,
        },
        codePath,
        warnings: this.#warnings,
      },
    };
  }
}

/** The error, with the hint of the error catalogue where grad sent none. */
export function errorOf(error: ExecutionError): ExecutionError {
  const { code, name, message, traceback } = error;
  const remedy = isErrorCode(code) && code !== "code_raised" ? ERROR_CODES[code].remedy : "";
  return { code, name, message, traceback, hint: error.hint || remedy };
}

function lostVariables(previousEnd: string): string {
  const why: Readonly<Record<string, string>> = {
    reset: "it was reset",
    out_of_memory: "the previous kernel ran out of memory",
    crashed: "the previous kernel crashed",
    lost: "the runner was restarted",
  };
  return `The session has a new kernel and lost its variables: ${why[previousEnd] ?? previousEnd}`;
}

function omitted({ of, amount, path }: Gap): string {
  const what = of === "stdout" || of === "stderr" ? `${formatSize(amount)} of ${of}` : `${amount} ${of}`;
  return `${what} are not shown${path === "" ? "" : `; ${path} has all of it`}`;
}

const EXIT_OF_STATUS: Readonly<Record<ExecutionStatus, ExitCode | 0>> = {
  unspecified: 6,
  queued: 0,
  running: 0,
  succeeded: 0,
  failed: 1,
  interrupted: 130,
  deadline_exceeded: 4,
  out_of_memory: 5,
  crashed: 5,
  lost: 5,
};

/** The exit code of gractl for an execution. Executions that have not ended count as success. */
export function exitOfStatus(status: ExecutionStatus): ExitCode | 0 {
  return EXIT_OF_STATUS[status];
}
