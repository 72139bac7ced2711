import {
  Network,
  type Runner,
  RunnerPhase,
  RunnerReason,
  type RunnerSpec as WireSpec,
  RunnerStage,
} from "../../proto/gen/grad/v1/runner.ts";
import { GradError } from "../../shared/errors.ts";
import { enumNumbers } from "../../shared/enum_names.ts";
import type { RunnerSpec } from "../runners/runner.ts";
import { fromAttached } from "./convert_agent.ts";
import type { RunnerView } from "../runners/view.ts";

const PHASE = enumNumbers(RunnerPhase, "RUNNER_PHASE_");
const STAGE = enumNumbers(RunnerStage, "RUNNER_STAGE_");
const REASON = enumNumbers(RunnerReason, "RUNNER_REASON_");

export function toRunner(view: RunnerView): Runner {
  const { record, phase, stage, reason, message, info, datasets, backend } = view;
  const { tombstone } = record.status;
  return {
    id: record.id,
    ref: record.ref,
    owner: record.owner,
    phase: PHASE[phase],
    stage: STAGE[stage],
    reason: REASON[reason],
    phaseMessage: message,
    spec: toSpec(record.spec),
    createdAt: new Date(record.spec.createdAtMs),
    lastActiveAt: new Date(view.lastActiveAtMs),
    lastActivity: view.lastActivity,
    datasets: datasets.map(fromAttached),
    tombstone: phase === "destroyed" && tombstone !== undefined
      ? { ...tombstone, endedAt: new Date(tombstone.endedAtMs) }
      : undefined,
    agentVersion: info?.agentVersion ?? "",
    backend,
    pauseAt: instant(view.pauseAtMs),
    destroyAt: instant(view.destroyAtMs),
    pausedAt: phase === "paused" ? instant(record.status.pausedAtMs) : undefined,
    lostSessions: [...record.status.lostSessions ?? []],
  };
}

function instant(epochMs: number | undefined): Date | undefined {
  return epochMs === undefined ? undefined : new Date(epochMs);
}

function toSpec({ environment, resources, network }: RunnerSpec): WireSpec {
  return {
    environment,
    resources,
    network: network === "full" ? Network.NETWORK_FULL : Network.NETWORK_NONE,
  };
}

/** @throws {GradError} `invalid_argument` for a network that this version does not know */
export function fromSpec(spec: WireSpec | undefined): RunnerSpec | undefined {
  if (spec === undefined) return undefined;
  const { environment, resources = { cpuMillis: 0, memoryMib: 0, storageMib: 0 }, network } = spec;
  switch (network) {
    case Network.NETWORK_UNSPECIFIED:
    case Network.NETWORK_NONE:
      return { environment, resources, network: "none" };
    case Network.NETWORK_FULL:
      return { environment, resources, network: "full" };
    default:
      throw new GradError(
        "invalid_argument",
        `Cannot make a runner with network ${network}: there are none (1) and full (2)`,
      );
  }
}
