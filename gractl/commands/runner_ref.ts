import { GradError } from "../../shared/errors.ts";
import { checkName } from "../../shared/names.ts";
import type { RunnerRef } from "../client/runners.ts";
import type { Deps } from "../deps.ts";

/** The runner of a command: the one that is named, or else the workspace's. @throws {GradError} `invalid_name`, and as `Deps.trustedWorkspace()` */
export async function runnerRef(deps: Deps, name: string | undefined): Promise<RunnerRef> {
  if (name !== undefined) checkName("runner", name);
  const workspace = await deps.trustedWorkspace();
  return { workspaceId: workspace.id, name: name ?? workspace.runner };
}

/** `--of` of commands that admins use for runners of others. */
export const OF_OPTION = [
  "--of <owner/workspace-id>",
  "whose runner it is, as `runner list --all-owners` shows it; for admins (default: yours, of the workspace)",
] as const;

/** The runner of that name: the one that an admin names by {@link OF_OPTION}, or the workspace's. @throws {GradError} `usage`, and as {@link runnerRef} */
export async function runnerRefOf(deps: Deps, name: string, of: string | undefined): Promise<RunnerRef> {
  if (of === undefined) return await runnerRef(deps, name);
  checkName("runner", name);
  const [, owner, workspaceId] = /^([a-z0-9][-a-z0-9]{0,62})\/(ws-[a-z0-9]{16})$/.exec(of) ?? [];
  if (owner === undefined || workspaceId === undefined) {
    throw new GradError("usage", `Cannot read ${JSON.stringify(of)} as an owner and the id of a workspace`, {
      hint: "Copy both from `gractl runner list --all-owners`, with a slash between them.",
    });
  }
  return { workspaceId, name, owner };
}

export const RUNNER_OPTION = ["--runner <name>", "name of the runner (default: the workspace's)"] as const;
