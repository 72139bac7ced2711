import assert from "node:assert/strict";
import { join } from "node:path";
import type { Backend, Options } from "./backend.ts";
import type { Call } from "./gractl.ts";

/** The document of `execute-code -o json`; `Call.json()` compares it with its schema. */
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
  warnings: string[];
};

export type ArtifactDocument = {
  path: string;
  localPath: string | null;
  bytes: number;
  sha256: string | null;
  mediaType: string;
};

export type ExecuteOptions = Options & Readonly<{ args?: readonly string[]; exit?: number }>;

/** Runs code to its end; checks the exit code (0 by default) and the fields of the document. */
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

/** The same for a call that fails before an execution exists. */
export function executeCall(
  backend: Backend,
  cwd: string,
  code: string,
  { args = [], exit: _, ...options }: ExecuteOptions = {},
): Promise<Call> {
  return backend.gractl(["execute-code", "-o", "json", "--code", code, ...args], { ...options, cwd });
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Checks what the schema cannot state of a finished execution. */
export function executionDocument(call: Call): ExecutionDocument {
  const document = call.json<ExecutionDocument>();
  const shown = () => `${call}`;
  assert.equal(document.apiVersion, "gractl/v1", shown());
  assert.equal(document.kind, "Execution", shown());
  assert.match(document.id, /^r[a-z2-7]{12}-[0-9a-f]{16}$/, shown());
  for (const key of ["runner", "session", "status", "stdout", "stderr"] as const) {
    assert.equal(typeof document[key], "string", `${key}: ${shown()}`);
  }
  assert.match(document.startedAt ?? "", INSTANT, shown());
  assert.match(document.finishedAt ?? "", INSTANT, shown());
  assert.equal(typeof document.durationMs, "number", shown());
  assert.ok(document.results.every((result) => typeof result.mime === "object"), shown());
  for (const artifact of document.artifacts) {
    const keys = ["path", "localPath", "bytes", "sha256", "mediaType"];
    for (const key of keys) assert.ok(key in artifact, `artifact without ${key}: ${shown()}`);
  }
  assert.equal(typeof document.usage.cpuMs, "number", shown());
  assert.equal(typeof document.usage.peakMemoryBytes, "number", shown());
  for (const key of ["stdout", "stderr", "results"] as const) {
    assert.equal(typeof document.truncated[key], "boolean", shown());
  }
  const error = document.error;
  if (document.status === "succeeded") return assert.equal(error ?? null, null, shown()), document;
  assert.ok(error, `no error though ${document.status}: ${shown()}`);
  for (const key of ["code", "name", "message", "hint"] as const) {
    assert.equal(typeof error[key], "string", shown());
  }
  assert.ok(Array.isArray(error.traceback), shown());
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

/** Python code that waits until `path` is a file of the workspace; `touch` makes it. */
export function waitForFile(path: string): string {
  return `import os, time\nwhile not os.path.exists(${JSON.stringify(path)}): time.sleep(0.02)\n`;
}

/** Makes an empty file in the workspace of a runner that is up, also while its sessions are busy. */
export async function touch(backend: Backend, cwd: string, path: string): Promise<void> {
  await Deno.writeTextFile(join(cwd, "empty-file"), "");
  (await backend.gractl(["file", "put", "empty-file", path], { cwd })).exits(0);
}
