import type { Deps } from "../deps.ts";
import type { Workspace } from "../workspace/workspace.ts";

/**
 * Changes a setting of the workspace. What the user sets with gractl is trusted in a workspace that is trusted.
 *
 * @throws {GradError} as `setConfig` and `openWorkspace`
 */
export async function setWorkspaceValue(
  deps: Deps,
  { key, value }: Readonly<{ key: string; value: string }>,
): Promise<Readonly<{ workspace: Workspace; dir: string }>> {
  const { setConfig } = await import("../workspace/set_config.ts");
  const { findWorkspace } = await import("../workspace/find_workspace.ts");
  const { openWorkspace } = await import("../workspace/workspace.ts");
  const { checkOwners, ownersFor } = await import("../workspace/ownership.ts");
  // The workspace is opened afterwards: the file may have an invalid value, which this corrects.
  const dir = await findWorkspace({ cwd: deps.cwd, explicit: deps.options().workspace });
  const owners = ownersFor(deps.uid, deps.env);
  await checkOwners(dir, owners);
  await setConfig(dir, { key, value }, deps.ids);
  const workspace = await openWorkspace({ cwd: deps.cwd, explicit: dir, owners });
  if (key === "grad") await deps.trust().extend(workspace, { grad: true, datasets: [] });
  return { workspace, dir };
}
