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

/** A runner for a call that needs one. */
export type UsedRunner = Readonly<{
  runner: RunnerRef;
  /** It is not the one that the workspace's settings name, so that the call does not create it: its name may be misspelt. */
  existingRunner: boolean;
}>;

/** As {@link runnerRef}, for what creates the runner of the workspace where there is none. */
export async function runnerToUse(deps: Deps, name: string | undefined): Promise<UsedRunner> {
  const runner = await runnerRef(deps, name);
  return { runner, existingRunner: runner.name !== (await deps.trustedWorkspace()).runner };
}

/** `--of`: for runners of other workspaces, of deleted ones too, and for admins also of other owners. */
export const OF_OPTION = [
  "--of <workspace>",
  "the workspace of the runner: its id, as `runner list --all-workspaces` shows it, or for admins OWNER/ID " +
  "(default: this workspace)",
] as const;

/** The runner of that name: of the workspace that {@link OF_OPTION} names, or of this one. @throws {GradError} `usage`, and as {@link runnerRef} */
export async function runnerRefOf(deps: Deps, name: string, of: string | undefined): Promise<RunnerRef> {
  if (of === undefined) return await runnerRef(deps, name);
  checkName("runner", name);
  const [, owner, workspaceId] = /^(?:([a-z0-9][-a-z0-9]{0,62})\/)?(ws-[a-z0-9]{16})$/.exec(of) ?? [];
  if (workspaceId === undefined) {
    throw new GradError("usage", `Cannot read ${JSON.stringify(of)} as the id of a workspace`, {
      hint: "Copy it from `gractl runner list --all-workspaces`, or as an admin from `--all-owners`.",
    });
  }
  return { workspaceId, name, ...owner === undefined ? {} : { owner } };
}

export const RUNNER_OPTION = ["--runner <name>", "name of the runner (default: the workspace's)"] as const;
