import { Access } from "../../proto/gen/grad/v1/dataset.ts";
import { ExecutionStatus } from "../../proto/gen/grad/v1/execution.ts";
import { FileEntry_Type } from "../../proto/gen/grad/v1/file.ts";
import {
  AttachState,
  Network as WireNetwork,
  RunnerPhase,
  RunnerReason,
  RunnerStage,
} from "../../proto/gen/grad/v1/runner.ts";
import { SessionState } from "../../proto/gen/grad/v1/session.ts";
import { DiagnosticCheck_State } from "../../proto/gen/grad/v1/system.ts";
import { enumNames } from "../../shared/enum_names.ts";
import type { Dataset } from "./datasets.ts";
import type { Network } from "./runners.ts";

// The result types are derived from the generated enumerations, so from_wire.ts does not compile when a union in this folder lacks a name.

export const statusOf = enumNames(ExecutionStatus, "EXECUTION_STATUS_");
export const phaseOf = enumNames(RunnerPhase, "RUNNER_PHASE_");
export const stageOf = enumNames(RunnerStage, "RUNNER_STAGE_");
export const reasonOf = enumNames(RunnerReason, "RUNNER_REASON_");
export const attachStateOf = enumNames(AttachState, "ATTACH_STATE_");
export const sessionStateOf = enumNames(SessionState, "SESSION_STATE_");
export const diagnosticStateOf = enumNames(DiagnosticCheck_State, "STATE_");
export const fileTypeOf = enumNames(FileEntry_Type, "TYPE_");

/** An unset network means none, as runner.proto states. */
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
