/** Messages of a runner's agent and data component, between grad and its clients. */
import {
  Access,
  type CheckDatasetResponse,
  type Dataset as WireDataset,
} from "../../proto/gen/grad/v1/dataset.ts";
import { type Execution as WireExecution, ExecutionStatus } from "../../proto/gen/grad/v1/execution.ts";
import { type FileEntry as WireFileEntry, FileEntry_Type } from "../../proto/gen/grad/v1/file.ts";
import { type AttachedDataset as WireAttached, AttachState } from "../../proto/gen/grad/v1/runner.ts";
import { type Session as WireSession, SessionState } from "../../proto/gen/grad/v1/session.ts";
import { enumNumbers } from "../../shared/enum_names.ts";
import { GradError } from "../../shared/errors.ts";
import type { AttachedDataset, Dataset, DatasetCheck } from "../agent/dataset.ts";
import type { FileEntry } from "../agent/file.ts";
import type { Session } from "../agent/session.ts";
import type { OwnedExecution } from "../executions/executions.ts";

const EXECUTION_STATUS = enumNumbers(ExecutionStatus, "EXECUTION_STATUS_");
const SESSION_STATE = enumNumbers(SessionState, "SESSION_STATE_");
const FILE_TYPE = enumNumbers(FileEntry_Type, "TYPE_");
const ATTACH_STATE = enumNumbers(AttachState, "ATTACH_STATE_");

export function fromExecution(execution: OwnedExecution): WireExecution {
  return { ...execution, status: EXECUTION_STATUS[execution.status] };
}

export function fromSession(session: Session): WireSession {
  return { ...session, state: SESSION_STATE[session.state] };
}

export function fromFileEntry(entry: FileEntry): WireFileEntry {
  return { ...entry, type: FILE_TYPE[entry.type] };
}

export function fromAttached(attached: AttachedDataset): WireAttached {
  return { ...attached, state: ATTACH_STATE[attached.state] };
}

export function fromCheck({ attached, ...check }: DatasetCheck): CheckDatasetResponse {
  return { ...check, attached: attached && fromAttached(attached) };
}

/** @throws {GradError} `invalid_argument` for an access that this version does not know */
export function toDataset(wire: WireDataset): Dataset {
  switch (wire.access) {
    case Access.ACCESS_UNSPECIFIED:
    case Access.ACCESS_READ_ONLY:
      return { ...wire, access: "read-only" };
    case Access.ACCESS_READ_WRITE:
      return { ...wire, access: "read-write" };
    default:
      throw new GradError(
        "invalid_argument",
        `Cannot attach the dataset ${JSON.stringify(wire.name.slice(0, 40))} with access ${wire.access}: ` +
          "there are read-only (1) and read-write (2)",
      );
  }
}
