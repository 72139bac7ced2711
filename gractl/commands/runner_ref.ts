import { checkName } from "../../shared/names.ts";
import type { RunnerRef } from "../client/runners.ts";
import type { Deps } from "../deps.ts";

/** The runner of a command: the one that is named, or else the workspace's. @throws {GradError} `invalid_name`, and as `Deps.trustedWorkspace()` */
export async function runnerRef(deps: Deps, name: string | undefined): Promise<RunnerRef> {
  if (name !== undefined) checkName("runner", name);
  const workspace = await deps.trustedWorkspace();
  return { workspaceId: workspace.id, name: name ?? workspace.runner };
}

export const RUNNER_OPTION = ["--runner <name>", "name of the runner (default: the workspace's)"] as const;
