import type * as dataset from "../../proto/gen/grad/v1/dataset.ts";
import type * as execution from "../../proto/gen/grad/v1/execution.ts";
import type * as file from "../../proto/gen/grad/v1/file.ts";
import type * as runner from "../../proto/gen/grad/v1/runner.ts";
import type * as session from "../../proto/gen/grad/v1/session.ts";
import type * as system from "../../proto/gen/grad/v1/system.ts";
import { GradError } from "../../shared/errors.ts";
import type { DatasetCheck } from "./datasets.ts";
import {
  attachStateOf,
  diagnosticStateOf,
  fileTypeOf,
  networkOf,
  phaseOf,
  reasonOf,
  sessionStateOf,
  stageOf,
  statusOf,
} from "./enums.ts";
import type { Event, EventKind, Execution, MimeBundle, Usage } from "./executions.ts";
import type { FileEntry } from "./files.ts";
import type { AttachedDataset, Runner, RunnerRef, RunnerSpec } from "./runners.ts";
import type { Session } from "./sessions.ts";
import type { DiagnosticCheck } from "./system.ts";

// Messages of the wire as the rest of gractl knows them: enumerations as strings, counts as numbers (below 2^53), required fields
// checked.

/** Returns a field that grad always sets. @throws {GradError} `version_mismatch` where it is missing */
export function present<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new GradError("version_mismatch", `Cannot read the response of grad: it has no ${what}`);
}

export function toRef(ref: runner.RunnerRef | undefined): RunnerRef {
  return { workspaceId: ref?.workspaceId ?? "", name: ref?.name ?? "" };
}

function toSpec(spec: runner.RunnerSpec | undefined): RunnerSpec {
  const { cpuMillis = 0, memoryMib = 0, storageMib = 0 } = spec?.resources ?? {};
  return {
    environment: spec?.environment ?? "",
    resources: { cpuMillis, memoryMib, storageMib },
    network: networkOf(spec?.network ?? 0),
  };
}

export function toAttached(wire: runner.AttachedDataset): AttachedDataset {
  return { ...wire, state: attachStateOf(wire.state) };
}

export function toRunner(message: runner.Runner | undefined): Runner {
  const wire = present(message, "runner");
  return {
    id: wire.id,
    ref: toRef(wire.ref),
    owner: wire.owner,
    phase: phaseOf(wire.phase),
    stage: stageOf(wire.stage),
    reason: reasonOf(wire.reason),
    phaseMessage: wire.phaseMessage,
    spec: toSpec(wire.spec),
    createdAt: wire.createdAt,
    lastActiveAt: wire.lastActiveAt,
    lastActivity: wire.lastActivity,
    datasets: wire.datasets.map(toAttached),
    tombstone: wire.tombstone && { ...wire.tombstone, endedAt: wire.tombstone.endedAt },
    agentVersion: wire.agentVersion,
    backend: wire.backend,
    pauseAt: wire.pauseAt,
    destroyAt: wire.destroyAt,
    pausedAt: wire.pausedAt,
    lostSessions: wire.lostSessions,
  };
}

export function toSession(message: session.Session | undefined): Session {
  const wire = present(message, "session");
  return {
    ...wire,
    state: sessionStateOf(wire.state),
    createdAt: wire.createdAt,
    lastUsedAt: wire.lastUsedAt,
    generation: Number(wire.generation),
  };
}

function toUsage(wire: execution.Usage | undefined): Usage | undefined {
  return wire && { cpuMs: Number(wire.cpuMs), peakMemoryBytes: Number(wire.peakMemoryBytes) };
}

export function toExecution(message: execution.Execution | undefined): Execution {
  const wire = present(message, "execution");
  return {
    id: wire.id,
    runner: toRef(wire.runner),
    session: wire.session,
    kernel: wire.kernel,
    status: statusOf(wire.status),
    queuedAt: wire.queuedAt,
    startedAt: wire.startedAt,
    finishedAt: wire.finishedAt,
    codePath: wire.codePath,
    error: wire.error,
    usage: toUsage(wire.usage),
    truncated: wire.truncated,
    deadlineMs: wire.deadlineMs,
    firstLine: wire.firstLine,
    code: wire.code,
  };
}

function toBundle(wire: execution.MimeBundle): MimeBundle {
  return { ...wire, parts: wire.parts.map((part) => ({ ...part, bytes: Number(part.bytes) })) };
}

function toKind(kind: execution.Event["kind"]): EventKind {
  switch (kind?.$case) {
    case "queued":
      return { type: "queued", ahead: kind.value.ahead };
    case "started":
      return { type: "started", ...kind.value };
    case "stdout":
    case "stderr":
      return { type: kind.$case, data: kind.value.data };
    case "display":
    case "result":
      return { type: kind.$case, bundle: toBundle(kind.value) };
    case "error":
      return { type: "error", error: kind.value };
    case "artifact":
      return { type: "artifact", artifact: { ...kind.value, bytes: Number(kind.value.bytes) } };
    case "gap":
      return { type: "gap", gap: { ...kind.value, amount: Number(kind.value.amount) } };
    case "finished":
      return {
        type: "finished",
        status: statusOf(kind.value.status),
        durationMs: Number(kind.value.durationMs),
        usage: toUsage(kind.value.usage),
        truncated: kind.value.truncated,
      };
    case "clearOutput":
      return { type: "clear", wait: kind.value.wait };
    case undefined:
      return { type: "unknown" };
  }
}

export function toEvent(wire: execution.Event): Event {
  return { seq: Number(wire.seq), time: wire.time, ...toKind(wire.kind) };
}

export function toFileEntry(message: file.FileEntry | undefined): FileEntry {
  const wire = present(message, "file");
  const { path, mode, modifiedAt } = wire;
  return { path, mode, modifiedAt, type: fileTypeOf(wire.type), bytes: Number(wire.bytes) };
}

export function toCheck(wire: dataset.CheckDatasetResponse): DatasetCheck {
  return {
    attached: toAttached(present(wire.attached, "attached dataset")),
    files: Number(wire.files),
    bytes: Number(wire.bytes),
    truncated: wire.truncated,
    tables: wire.tables.map((table) => ({ ...table, files: Number(table.files), rows: Number(table.rows) })),
    samplePaths: wire.samplePaths,
  };
}

export function toDiagnosticCheck(wire: system.DiagnosticCheck): DiagnosticCheck {
  return { ...wire, state: diagnosticStateOf(wire.state) };
}
