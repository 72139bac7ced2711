import type { Workspace } from "../workspace/workspace.ts";

/** Fields of kind Config. */
export function configFields({ id, grad, runner, session }: Workspace): Readonly<Record<string, string>> {
  return { workspaceId: id, grad, runner, session };
}
