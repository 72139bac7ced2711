import {
  Network,
  type Runner,
  RunnerPhase,
  type RunnerSpec as WireSpec,
} from "../../proto/gen/grad/v1/runner.ts";
import { GradError } from "../../shared/errors.ts";
import type { Phase, RunnerSpec } from "../runners/runner.ts";
import { fromAttached } from "./convert_agent.ts";
import type { RunnerView } from "../runners/runner_view.ts";

const PHASE: Readonly<Record<Phase, RunnerPhase>> = {
  creating: RunnerPhase.RUNNER_PHASE_CREATING,
  ready: RunnerPhase.RUNNER_PHASE_READY,
  lost: RunnerPhase.RUNNER_PHASE_LOST,
  destroying: RunnerPhase.RUNNER_PHASE_DESTROYING,
  destroyed: RunnerPhase.RUNNER_PHASE_DESTROYED,
  failed: RunnerPhase.RUNNER_PHASE_FAILED,
};

export function toRunner(view: RunnerView): Runner {
  const { record, phase, message, info, datasets, backend } = view;
  const { tombstone } = record;
  return {
    id: record.id,
    ref: record.ref,
    owner: record.owner,
    phase: PHASE[phase],
    phaseMessage: message,
    spec: toSpec(record.spec),
    createdAt: new Date(record.createdAtMs),
    lastActiveAt: new Date(view.lastActiveAtMs),
    lastActivity: view.lastActivity,
    datasets: datasets.map(fromAttached),
    tombstone: tombstone && { ...tombstone, endedAt: new Date(tombstone.endedAtMs) },
    agentVersion: info?.agentVersion ?? "",
    backend,
  };
}

function toSpec(spec: RunnerSpec): WireSpec {
  const network = spec.network === "full" ? Network.NETWORK_FULL : Network.NETWORK_NONE;
  return { ...spec, network };
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
