import assert from "node:assert/strict";
import type { Backend, Options } from "./backend.ts";
import type { Call } from "./gractl.ts";

/** `execute-code -o json`, as it is documented. */
export type ExecutionDocument = {
  apiVersion: "gractl/v1";
  kind: "Execution";
  id: string;
  runner: string;
  session: string;
  status: string;
  startedAt: string | null;
  finishedAt: string | null;
  durationMs: number | null;
  stdout: string;
  stderr: string;
  results: { mime: Record<string, unknown> }[];
  artifacts: ArtifactDocument[];
  error: null | { code: string; name: string; message: string; traceback: string[]; hint: string };
  usage: { cpuMs: number; peakMemoryBytes: number };
  truncated: { stdout: boolean; stderr: boolean; results: boolean };
};

export type ArtifactDocument = {
  path: string;
  localPath: string | null;
  bytes: number;
  sha256: string | null;
  mediaType: string;
};

export type ExecuteOptions = Options & Readonly<{ args?: readonly string[]; exit?: number }>;

/** Runs code to its end, checks the exit code (0 unless told) and the document's shape. */
export async function execute(
  backend: Backend,
  cwd: string,
  code: string,
  { args = [], exit = 0, ...options }: ExecuteOptions = {},
): Promise<ExecutionDocument> {
  const call = await executeCall(backend, cwd, code, { ...options, args });
  call.exits(exit);
  return executionDocument(call);
}

/** The same for a call that is to fail before there is an execution. */
export function executeCall(
  backend: Backend,
  cwd: string,
  code: string,
  { args = [], exit: _, ...options }: ExecuteOptions = {},
): Promise<Call> {
  return backend.gractl(["execute-code", "-o", "json", "--code", code, ...args], { ...options, cwd });
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Checks every documented field of a finished execution. */
export function executionDocument(call: Call): ExecutionDocument {
  const document = call.json<ExecutionDocument>();
  const told = () => `${call}`;
  assert.equal(document.apiVersion, "gractl/v1", told());
  assert.equal(document.kind, "Execution", told());
  assert.match(document.id, /^r[a-z2-7]{12}-[0-9a-f]{16}$/, told());
  for (const key of ["runner", "session", "status", "stdout", "stderr"] as const) {
    assert.equal(typeof document[key], "string", `${key}: ${told()}`);
  }
  assert.match(document.startedAt ?? "", INSTANT, told());
  assert.match(document.finishedAt ?? "", INSTANT, told());
  assert.equal(typeof document.durationMs, "number", told());
  assert.ok(document.results.every((result) => typeof result.mime === "object"), told());
  for (const artifact of document.artifacts) {
    const keys = ["path", "localPath", "bytes", "sha256", "mediaType"];
    for (const key of keys) assert.ok(key in artifact, `artifact without ${key}: ${told()}`);
  }
  assert.equal(typeof document.usage.cpuMs, "number", told());
  assert.equal(typeof document.usage.peakMemoryBytes, "number", told());
  for (const key of ["stdout", "stderr", "results"] as const) {
    assert.equal(typeof document.truncated[key], "boolean", told());
  }
  const error = document.error;
  if (document.status === "succeeded") return assert.equal(error ?? null, null, told()), document;
  assert.ok(error, `no error though ${document.status}: ${told()}`);
  for (const key of ["code", "name", "message", "hint"] as const) {
    assert.equal(typeof error[key], "string", told());
  }
  assert.ok(Array.isArray(error.traceback), told());
  return document;
}

/** Lines of output without the last newline. */
export function lines(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** The line of Python that appends to a file, for counting how often code has run. */
export function appendLine(path: string, text: string): string {
  return `open(${JSON.stringify(path)}, "a").write(${JSON.stringify(`${text}\n`)});`;
}
