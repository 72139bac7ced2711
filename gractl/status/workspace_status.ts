import { GradError } from "../../shared/errors.ts";
import type { GradClient } from "../client/grad_client.ts";
import type { RunnerPhase } from "../client/runners.ts";
import { loadDatasets, type LoadedDataset } from "../workspace/load_datasets.ts";
import type { Workspace } from "../workspace/workspace.ts";

export type GradState =
  | Readonly<{ address: string; reachable: true; version: string; backend: string }>
  /** `error` is absent where it is simply not started. */
  | Readonly<{ address: string; reachable: false; error: GradError | undefined }>;

/** `phase` is "none" where the runner was never made, "unknown" where no grad can tell. */
export type RunnerState = Readonly<
  { name: string; phase: RunnerPhase | "none" | "unknown"; message: string }
>;

export type WorkspaceStatus = Readonly<{
  workspace: Workspace;
  grad: GradState;
  runner: RunnerState;
  datasets: readonly LoadedDataset[];
}>;

/** How grad is looked at. */
export type Look = Readonly<{
  address(): Promise<string>;
  connect(): Promise<GradClient>;
  localGrad(): { status(signal: AbortSignal): Promise<{ running: boolean }> };
  signal: AbortSignal;
}>;

/** What a workspace is and where its parts stand. Starts neither grad nor runner: connecting would start a local grad. */
export async function statusOf(workspace: Workspace, look: Look): Promise<WorkspaceStatus> {
  const [datasets, asked] = await Promise.all([loadDatasets(workspace), askGrad(workspace, look)]);
  return { workspace, datasets, ...asked };
}

async function askGrad(workspace: Workspace, look: Look): Promise<{ grad: GradState; runner: RunnerState }> {
  const unknown: RunnerState = { name: workspace.runner, phase: "unknown", message: "" };
  const address = await look.address();
  try {
    if (address === "local" && !(await look.localGrad().status(look.signal)).running) {
      return { grad: { address, reachable: false, error: undefined }, runner: unknown };
    }
    await using client = await look.connect();
    const { version, backend } = client.info;
    return {
      grad: { address, reachable: true, version, backend },
      runner: await askRunner(workspace, client, look),
    };
  } catch (error) {
    if (!(error instanceof GradError) || error.code === "cancelled") throw error;
    return { grad: { address, reachable: false, error }, runner: unknown };
  }
}

async function askRunner(workspace: Workspace, client: GradClient, { signal }: Look): Promise<RunnerState> {
  const name = workspace.runner;
  try {
    const { phase, phaseMessage } = await client.runners.get({ workspaceId: workspace.id, name }, signal);
    return { name, phase, message: phaseMessage };
  } catch (error) {
    if (!(error instanceof GradError) || error.code !== "runner_not_found") throw error;
    return { name, phase: "none", message: "" };
  }
}
