import { GradError } from "../../shared/errors.ts";
import type { Deps } from "../deps.ts";

/** The workspace's folder, or `undefined` outside of one: an execution is found by its id and grad's address alone. */
export async function workspaceDir(deps: Deps): Promise<string | undefined> {
  try {
    return (await deps.workspace()).dir;
  } catch (thrown) {
    if (thrown instanceof GradError && thrown.code === "workspace_not_found") return undefined;
    throw thrown;
  }
}
