import type { ExitCode } from "../../../shared/error_codes.ts";
import { formatSize } from "../../../shared/size.ts";
import type { Event, Execution, ExecutionStatus, Gap } from "../../client/executions.ts";
import { durationMs } from "../../documents/execution_document.ts";

/** The state of an execution without its output, first from the response of grad, then from events. */
export class Summary {
  #execution: Execution;
  #durationMs: number | undefined;
  readonly #warnings: string[];

  constructor(execution: Execution, warnings: readonly string[] = []) {
    this.#execution = execution;
    this.#durationMs = durationMs(execution);
    this.#warnings = [...warnings];
  }

  /** The execution as of the last event. */
  get execution(): Execution {
    return this.#execution;
  }
  /** How long the code ran; `undefined` while it has not ended. */
  get durationMs(): number | undefined {
    return this.finished ? this.#durationMs : undefined;
  }
  get finished(): boolean {
    return !["queued", "running", "unspecified"].includes(this.#execution.status);
  }
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Applies an event. Returns the warning that results from it, if any. */
  add(event: Event): string | undefined {
    switch (event.type) {
      case "queued":
        this.#update({ status: "queued" });
        return undefined;
      case "started":
        this.#update({ status: "running", startedAt: event.time });
        return event.freshKernel && event.previousEnd !== ""
          ? this.warn(lostVariables(event.previousEnd))
          : undefined;
      case "error":
        this.#update({ error: event.error });
        return undefined;
      case "gap":
        return this.warn(omitted(event.gap));
      case "finished": {
        const { usage = this.#execution.usage, truncated = this.#execution.truncated } = event;
        this.#update({ status: event.status, finishedAt: event.time, usage, truncated });
        this.#durationMs = event.durationMs;
        return undefined;
      }
      default:
        return undefined;
    }
  }

  /** Adds a warning; returns it. */
  warn(text: string): string {
    this.#warnings.push(text);
    return text;
  }

  #update(changes: Partial<Execution>): void {
    this.#execution = { ...this.#execution, ...changes };
  }
}

function lostVariables(previousEnd: string): string {
  const why: Readonly<Record<string, string>> = {
    reset: "it was reset",
    out_of_memory: "the previous kernel ran out of memory",
    idle: "nobody used it for a long time",
    evicted: "it was idle, and other sessions needed its memory",
    crashed: "the previous kernel crashed",
    interrupted: "the previous kernel was stopped by force",
    deadline_exceeded: "the previous kernel was stopped by force at a deadline",
    exited: "the code called exit()",
    lost: "the runner was restarted",
  };
  return `The session has a new kernel and lost its variables: ${why[previousEnd] ?? previousEnd}`;
}

/** The warning about output that is not shown; `path` has all of it, if it is not empty. */
export function omitted({ of, amount, path }: Gap): string {
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
