import { join } from "node:path";
import type { Decision } from "./decision_file.ts";

/** A folder that was the workspace of an id when the user made or trusted it; `exists`: it still is. */
export type WorkspaceFolder = Readonly<{ path: string; exists: boolean }>;

/** Folders of workspaces by id: several where one was copied. */
export type WorkspaceFolders = ReadonlyMap<string, readonly WorkspaceFolder[]>;

/** The folders that the decisions name, those that exist first. */
export async function workspaceFolders(decisions: readonly Decision[]): Promise<WorkspaceFolders> {
  const found = await Promise.all(decisions.map(async ({ path, workspaceId }) => ({
    workspaceId,
    folder: { path, exists: await isWorkspace(path, workspaceId) },
  })));
  const byId = Map.groupBy(found, ({ workspaceId }) => workspaceId);
  return new Map([...byId].map(([id, all]) => [
    id,
    all.map(({ folder }) => folder).sort((a, b) => Number(b.exists) - Number(a.exists)),
  ]));
}

async function isWorkspace(path: string, workspaceId: string): Promise<boolean> {
  try {
    return (await Deno.readTextFile(join(path, "config.yaml"))).includes(workspaceId);
  } catch {
    return false;
  }
}
