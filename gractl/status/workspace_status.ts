import { GradError } from "../../shared/errors.ts";
import { addressText, LOCAL } from "../auth/context.ts";
import type { Target } from "../auth/target.ts";
import type { GradClient } from "../client/grad_client.ts";
import type { RunnerPhase } from "../client/runners.ts";
import { loadDatasets, type LoadedDataset } from "../workspace/load_datasets.ts";
import type { Trust, TrustState } from "../workspace/trust/trust.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** `context` is its name, or "local"; `address` is "local" for the grad of this machine. */
export type GradState =
  & Readonly<{ context: string; address: string }>
  & (
    | Readonly<{ reachable: true; version: string; backend: string }>
    /** `error` is undefined for a local grad that is not running. */
    | Readonly<{ reachable: false; error: GradError | undefined }>
  );

/** `phase` is "none" where the runner does not exist, and "unknown" where grad cannot be asked. */
export type RunnerState = Readonly<{
  name: string;
  phase: RunnerPhase | "none" | "unknown";
  message: string;
  /** When grad pauses or destroys it unless it is used before; `undefined` where grad does not. */
  pauseAt: Date | undefined;
  destroyAt: Date | undefined;
}>;

const UNSCHEDULED = { message: "", pauseAt: undefined, destroyAt: undefined };

export type WorkspaceStatus = Readonly<{
  workspace: Workspace;
  grad: GradState;
  runner: RunnerState;
  datasets: readonly LoadedDataset[];
  trust: TrustState;
}>;

/** Access to grad. */
export type GradAccess = Readonly<{
  target(): Promise<Target>;
  trust(): Pick<Trust, "stateOf">;
  connect(): Promise<GradClient>;
  localGrad(): { status(signal: AbortSignal): Promise<{ running: boolean }> };
  signal: AbortSignal;
}>;

/**
 * The state of a workspace with its grad and runner. Starts neither: it connects to a local grad only if that is running, and to none for
 * a workspace that the user does not trust.
 */
export async function statusOf(workspace: Workspace, access: GradAccess): Promise<WorkspaceStatus> {
  const [datasets, state] = await Promise.all([loadDatasets(workspace), askGrad(workspace, access)]);
  const valid = datasets.flatMap(({ dataset }) => dataset ?? []);
  const trust = await access.trust().stateOf(workspace, { grad: true, datasets: valid });
  return { workspace, datasets, trust, ...state };
}

async function askGrad(
  workspace: Workspace,
  access: GradAccess,
): Promise<{ grad: GradState; runner: RunnerState }> {
  const unknown: RunnerState = { name: workspace.runner, phase: "unknown", ...UNSCHEDULED };
  let grad = { context: workspace.grad, address: workspace.grad };
  try {
    const { context } = await access.target();
    grad = context === undefined
      ? { context: LOCAL, address: LOCAL }
      : { context: context.name, address: addressText(context.address) };
    if (context === undefined && !(await access.localGrad().status(access.signal)).running) {
      return { grad: { ...grad, reachable: false, error: undefined }, runner: unknown };
    }
    await using client = await access.connect();
    const { version, backend } = client.info;
    return {
      grad: { ...grad, reachable: true, version, backend },
      runner: await askRunner(workspace, client, access),
    };
  } catch (error) {
    if (!(error instanceof GradError) || error.code === "cancelled") throw error;
    return { grad: { ...grad, reachable: false, error }, runner: unknown };
  }
}

async function askRunner(
  workspace: Workspace,
  client: GradClient,
  { signal }: GradAccess,
): Promise<RunnerState> {
  const name = workspace.runner;
  try {
    const runner = await client.runners.get({ workspaceId: workspace.id, name }, signal);
    const { phase, phaseMessage: message, pauseAt, destroyAt } = runner;
    return { name, phase, message, pauseAt, destroyAt };
  } catch (error) {
    if (!(error instanceof GradError) || error.code !== "runner_not_found") throw error;
    return { name, phase: "none", ...UNSCHEDULED };
  }
}
