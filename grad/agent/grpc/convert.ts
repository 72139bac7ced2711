import { Access } from "../../../proto/gen/grad/v1/dataset.ts";
import type { CheckDatasetResponse, Dataset as WireDataset } from "../../../proto/gen/grad/v1/dataset.ts";
import { type Execution as WireExecution, ExecutionStatus } from "../../../proto/gen/grad/v1/execution.ts";
import { type FileEntry as WireFileEntry, FileEntry_Type } from "../../../proto/gen/grad/v1/file.ts";
import { type AttachedDataset as WireAttached, AttachState } from "../../../proto/gen/grad/v1/runner.ts";
import { type Session as WireSession, SessionState } from "../../../proto/gen/grad/v1/session.ts";
import { enumNames } from "../../../shared/enum_names.ts";
import { GradError } from "../../../shared/errors.ts";
import type { AttachedDataset, Dataset, DatasetCheck } from "../dataset.ts";
import type { Execution } from "../execution.ts";
import type { FileEntry } from "../file.ts";
import type { Session } from "../session.ts";

// Events are not converted: they are many, and grad hands them on unread.

const statusOf = enumNames(ExecutionStatus, "EXECUTION_STATUS_");
const sessionStateOf = enumNames(SessionState, "SESSION_STATE_");
const fileTypeOf = enumNames(FileEntry_Type, "TYPE_");
const attachStateOf = enumNames(AttachState, "ATTACH_STATE_");

export function toExecution(wire: WireExecution | undefined): Execution {
  const execution = given(wire, "execution");
  return { ...execution, status: statusOf(execution.status) };
}

export function toSession(wire: WireSession | undefined): Session {
  const session = given(wire, "session");
  return { ...session, state: sessionStateOf(session.state) };
}

export function toFileEntry(wire: WireFileEntry | undefined): FileEntry {
  const entry = given(wire, "file");
  return { ...entry, type: fileTypeOf(entry.type) };
}

export function toAttached(attached: WireAttached): AttachedDataset {
  return { ...attached, state: attachStateOf(attached.state) };
}

export function toCheck(wire: CheckDatasetResponse | undefined): DatasetCheck {
  const { attached, ...check } = given(wire, "result");
  return { ...check, attached: attached && toAttached(attached) };
}

const ACCESS: Readonly<Record<Dataset["access"], Access>> = {
  "read-only": Access.ACCESS_READ_ONLY,
  "read-write": Access.ACCESS_READ_WRITE,
};

export function fromDataset(dataset: Dataset): WireDataset {
  return { ...dataset, access: ACCESS[dataset.access] };
}

function given<T>(value: T | undefined, field: string): T {
  if (value !== undefined) return value;
  throw new GradError("internal", `Cannot read the component's answer: it has no ${field}`);
}
