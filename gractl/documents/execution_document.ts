import { ERROR_CODES, isErrorCode } from "../../shared/error_codes.ts";
import type { Execution, ExecutionError, Truncated } from "../client/executions.ts";
import { instant } from "./instant.ts";
import type { DocumentFields, ItemFields } from "./schema/documents.ts";

type ExecutionFields = Extract<DocumentFields<"Execution">, { readonly stdout: string }>;

/** The output of an execution as its document has it. */
export type ExecutionOutput =
  & Pick<ExecutionFields, "stdout" | "stderr" | "results" | "artifacts">
  /** Which output the document omits parts of. */
  & Readonly<{ omitted: Truncated }>;

export const NO_OUTPUT: ExecutionOutput = {
  stdout: "",
  stderr: "",
  results: [],
  artifacts: [],
  omitted: { stdout: false, stderr: false, results: false },
};

/** Fields of kind Execution. */
export function executionFields(
  { execution, durationMs, warnings }: {
    execution: Execution;
    durationMs: number | undefined;
    warnings: readonly string[];
  },
  { omitted, ...output }: ExecutionOutput,
): ExecutionFields {
  const { error, usage, truncated } = execution;
  return {
    id: execution.id,
    runner: execution.runner.name,
    session: execution.session,
    kernel: execution.kernel,
    status: execution.status,
    queuedAt: instant(execution.queuedAt),
    startedAt: instant(execution.startedAt),
    finishedAt: instant(execution.finishedAt),
    durationMs: durationMs ?? null,
    ...output,
    error: error === undefined ? null : executionErrorFields(error),
    usage: usage ?? { cpuMs: 0, peakMemoryBytes: 0 },
    truncated: {
      stdout: omitted.stdout || (truncated?.stdout ?? false),
      stderr: omitted.stderr || (truncated?.stderr ?? false),
      results: omitted.results || (truncated?.results ?? false),
    },
    codePath: execution.codePath,
    firstLine: execution.firstLine,
    code: execution.code === "" ? null : execution.code,
    warnings,
  };
}

/** The error of an execution, with the hint of the error catalogue where grad sent none. */
export function executionErrorFields(
  { hint, fullTraceback: _, ...error }: ExecutionError,
): Omit<ExecutionError, "fullTraceback"> {
  const { code } = error;
  const remedy = isErrorCode(code) && code !== "code_raised" ? ERROR_CODES[code].remedy : "";
  return { ...error, hint: hint || remedy };
}

/** Fields of kind Execution in a list: without its output. */
export function listedExecutionFields(execution: Execution): ItemFields<"ExecutionList"> {
  const { id, runner, session, kernel, status, codePath, firstLine, error } = execution;
  return {
    id,
    runner: runner.name,
    session,
    kernel,
    status,
    queuedAt: instant(execution.queuedAt),
    startedAt: instant(execution.startedAt),
    finishedAt: instant(execution.finishedAt),
    durationMs: durationMs(execution) ?? null,
    error: error === undefined ? null : { code: error.code, name: error.name, message: error.message },
    codePath,
    firstLine,
  };
}

/** Milliseconds from its start to its end; `undefined` while it has not ended. */
export function durationMs({ startedAt, finishedAt }: Execution): number | undefined {
  return startedAt && finishedAt ? finishedAt.getTime() - startedAt.getTime() : undefined;
}
