import type { DocumentFields } from "./schema/documents.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Fields of kind Config. */
export function configFields(
  { id, grad, runner, session }: Workspace,
): Record<keyof DocumentFields<"Config">, string> {
  return { workspaceId: id, grad, runner, session };
}
