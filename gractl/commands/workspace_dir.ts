import { GradError } from "../../shared/errors.ts";
import type { Deps } from "../deps.ts";

/** The folder of the workspace, if there is one: commands that need only an execution id also work without. */
export async function workspaceDir(deps: Deps): Promise<string | undefined> {
  try {
    return (await deps.trustedWorkspace()).dir;
  } catch (thrown) {
    if (thrown instanceof GradError && thrown.code === "workspace_not_found") return undefined;
    throw thrown;
  }
}
