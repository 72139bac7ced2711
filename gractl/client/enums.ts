import { Access } from "../../proto/gen/grad/v1/dataset.ts";
import { ExecutionStatus as WireStatus } from "../../proto/gen/grad/v1/execution.ts";
import { FileEntry_Type } from "../../proto/gen/grad/v1/file.ts";
import {
  AttachState as WireAttach,
  Network as WireNetwork,
  RunnerPhase as WirePhase,
} from "../../proto/gen/grad/v1/runner.ts";
import { SessionState as WireSession } from "../../proto/gen/grad/v1/session.ts";
import type { Dataset } from "./datasets.ts";
import type { ExecutionStatus } from "./executions.ts";
import type { FileType } from "./files.ts";
import type { AttachState, Network, RunnerPhase } from "./runners.ts";
import type { SessionState } from "./sessions.ts";

// Exhaustive, so that a new value of the wire does not compile until it has a name here.

export const STATUS: Readonly<Record<WireStatus, ExecutionStatus>> = {
  [WireStatus.UNRECOGNIZED]: "unspecified",
  [WireStatus.EXECUTION_STATUS_UNSPECIFIED]: "unspecified",
  [WireStatus.EXECUTION_STATUS_QUEUED]: "queued",
  [WireStatus.EXECUTION_STATUS_RUNNING]: "running",
  [WireStatus.EXECUTION_STATUS_SUCCEEDED]: "succeeded",
  [WireStatus.EXECUTION_STATUS_FAILED]: "failed",
  [WireStatus.EXECUTION_STATUS_INTERRUPTED]: "interrupted",
  [WireStatus.EXECUTION_STATUS_DEADLINE_EXCEEDED]: "deadline_exceeded",
  [WireStatus.EXECUTION_STATUS_OUT_OF_MEMORY]: "out_of_memory",
  [WireStatus.EXECUTION_STATUS_CRASHED]: "crashed",
  [WireStatus.EXECUTION_STATUS_LOST]: "lost",
};

export const PHASE: Readonly<Record<WirePhase, RunnerPhase>> = {
  [WirePhase.UNRECOGNIZED]: "unspecified",
  [WirePhase.RUNNER_PHASE_UNSPECIFIED]: "unspecified",
  [WirePhase.RUNNER_PHASE_CREATING]: "creating",
  [WirePhase.RUNNER_PHASE_READY]: "ready",
  [WirePhase.RUNNER_PHASE_LOST]: "lost",
  [WirePhase.RUNNER_PHASE_DESTROYING]: "destroying",
  [WirePhase.RUNNER_PHASE_DESTROYED]: "destroyed",
  [WirePhase.RUNNER_PHASE_FAILED]: "failed",
};

export const ATTACH: Readonly<Record<WireAttach, AttachState>> = {
  [WireAttach.UNRECOGNIZED]: "unspecified",
  [WireAttach.ATTACH_STATE_UNSPECIFIED]: "unspecified",
  [WireAttach.ATTACH_STATE_MOUNTING]: "mounting",
  [WireAttach.ATTACH_STATE_MOUNTED]: "mounted",
  [WireAttach.ATTACH_STATE_FAILED]: "failed",
};

export const SESSION: Readonly<Record<WireSession, SessionState>> = {
  [WireSession.UNRECOGNIZED]: "unspecified",
  [WireSession.SESSION_STATE_UNSPECIFIED]: "unspecified",
  [WireSession.SESSION_STATE_EMPTY]: "empty",
  [WireSession.SESSION_STATE_STARTING]: "starting",
  [WireSession.SESSION_STATE_IDLE]: "idle",
  [WireSession.SESSION_STATE_BUSY]: "busy",
};

export const FILE_TYPE: Readonly<Record<FileEntry_Type, FileType>> = {
  [FileEntry_Type.UNRECOGNIZED]: "unspecified",
  [FileEntry_Type.TYPE_UNSPECIFIED]: "unspecified",
  [FileEntry_Type.TYPE_FILE]: "file",
  [FileEntry_Type.TYPE_DIRECTORY]: "directory",
  [FileEntry_Type.TYPE_SYMLINK]: "symlink",
  [FileEntry_Type.TYPE_OTHER]: "other",
};

/** An unset network is none: see the proto. */
export function networkOf(wire: WireNetwork): Network {
  return wire === WireNetwork.NETWORK_FULL ? "full" : "none";
}

export const TO_NETWORK: Readonly<Record<Network, WireNetwork>> = {
  none: WireNetwork.NETWORK_NONE,
  full: WireNetwork.NETWORK_FULL,
};

export const TO_ACCESS: Readonly<Record<Dataset["access"], Access>> = {
  "read-only": Access.ACCESS_READ_ONLY,
  "read-write": Access.ACCESS_READ_WRITE,
};
