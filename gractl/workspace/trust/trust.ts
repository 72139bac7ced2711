import type { DatasetFile } from "../dataset_file.ts";
import type { Workspace } from "../workspace.ts";
import { checkOutsideOwnFolders, grantOf } from "./dataset_grants.ts";
import type { Decision } from "./decision_file.ts";
import { covers, type Grant, missingOf } from "./grant.ts";
import type { TrustStore } from "./trust_store.ts";
import { untrusted } from "./untrusted.ts";
import { type WorkspaceFolders, workspaceFolders } from "./workspace_folders.ts";

/** What the user has decided about a workspace, compared with what it asks for. */
export type TrustState = Readonly<{
  /** `changed`: it is trusted, and asks for more than it is trusted with. */
  state: "trusted" | "changed" | "untrusted";
  /** What it asks for. */
  wanted: readonly Grant[];
  /** What of it is not trusted: all of it for an untrusted workspace. */
  missing: readonly Grant[];
  /** Other folders that are trusted as the workspace of this id: it was moved or copied from there, and has the same runners. */
  elsewhere: readonly string[];
}>;

/** What of a workspace a command uses, besides the runners of its id. */
export type Use = Readonly<{
  /** Whether its `grad:` decides where code goes; false where the user names a context. */
  grad: boolean;
  datasets: readonly DatasetFile[];
}>;

/** Decisions of the user about workspaces. A workspace that the user did not make here with gractl is untrusted until there is one. */
export interface Trust {
  /** @throws {GradError} `trust_file_invalid`, `permission_denied` */
  stateOf(workspace: Workspace, use: Use): Promise<TrustState>;
  /**
   * Returns the datasets as they may be used: with the links of folders and of credentials files resolved.
   * @throws {GradError} `workspace_untrusted` with what is not trusted, `dataset_folder_refused` for a folder that no workspace may have,
   *   and as `stateOf`
   */
  require(workspace: Workspace, use: Use): Promise<readonly DatasetFile[]>;
  /** Trusts the workspace with these grants and no others. @throws {GradError} as `stateOf` */
  approve(workspace: Workspace, grants: readonly Grant[]): Promise<void>;
  /** What the user does with gractl itself: a workspace that is trusted gets these as well; another one stays untrusted. */
  extend(workspace: Workspace, use: Use): Promise<void>;
  /** The datasets were removed: what only they needed is asked for again if they return. `left` are those that remain. */
  withdraw(
    workspace: Workspace,
    datasets: Readonly<{ removed: readonly DatasetFile[]; left: readonly DatasetFile[] }>,
  ): Promise<void>;
  /** Where the user's workspaces are, as far as there are decisions about them. */
  folders(): Promise<WorkspaceFolders>;
  /** Forgets the decision. False where there was none. */
  revoke(workspace: Workspace): Promise<boolean>;
}

export type TrustOptions = Readonly<{
  store: TrustStore;
  /** Folders of gractl that no dataset may contain, absolute. */
  ownFolders: readonly string[];
  /** Who calls, for the hint of an error. */
  agent: string | undefined;
  /** The user named the workspace by `--workspace` or GRACTL_WORKSPACE, so that hints name it, too. */
  explicit: () => boolean;
}>;

export function createTrust(options: TrustOptions): Trust {
  const { store } = options;

  async function decisionOf(workspace: Workspace): Promise<Decision | undefined> {
    const decision = await store.read(await Deno.realPath(workspace.dir));
    return decision !== undefined && await isAbout(decision, workspace) ? decision : undefined;
  }
  async function compare(workspace: Workspace, wanted: readonly Grant[]): Promise<TrustState> {
    const decision = await decisionOf(workspace);
    if (decision !== undefined) {
      const missing = missingOf(decision.grants, wanted);
      return { state: missing.length === 0 ? "trusted" : "changed", wanted, missing, elsewhere: [] };
    }
    const here = await Deno.realPath(workspace.dir);
    const others = (await store.all()).filter(({ path, workspaceId }) =>
      workspaceId === workspace.id && path !== here
    );
    const elsewhere = others.map(({ path }) => path).sort();
    return { state: "untrusted", wanted, missing: wanted, elsewhere };
  }
  async function update(workspace: Workspace, change: (grants: readonly Grant[]) => readonly Grant[]) {
    const path = await Deno.realPath(workspace.dir);
    const about = await identityOf(workspace);
    await store.update(path, (old) => {
      const same = old !== undefined && old.workspaceId === about.workspaceId && old.owner === about.owner;
      return same ? { ...about, grants: change(old.grants) } : old;
    });
  }
  return {
    stateOf: async (workspace, use) => await compare(workspace, (await grantsOf(workspace, use)).wanted),
    async require(workspace, use) {
      // The links are resolved once: what is compared is what is sent.
      const { datasets, wanted } = await grantsOf(workspace, use);
      const state = await compare(workspace, wanted);
      if (state.state !== "trusted") throw untrusted(workspace, state, options);
      for (const dataset of datasets) await checkOutsideOwnFolders(dataset, options.ownFolders);
      return datasets;
    },
    async approve(workspace, grants) {
      const about = await identityOf(workspace);
      await store.update(about.path, () => ({ ...about, grants }));
    },
    async extend(workspace, use) {
      const { wanted } = await grantsOf(workspace, use);
      await update(workspace, (grants) => [...grants, ...missingOf(grants, wanted)]);
    },
    async withdraw(workspace, { removed, left }) {
      const gone = (await grantsOf(workspace, { grad: false, datasets: removed })).wanted;
      const { wanted: needed } = await grantsOf(workspace, { grad: true, datasets: left });
      const stays = (grant: Grant) =>
        !gone.some((each) => covers(grant, each)) || needed.some((each) => covers(grant, each));
      await update(workspace, (grants) => grants.filter(stays));
    },
    folders: async () => await workspaceFolders(await store.all()),
    async revoke(workspace) {
      let found = false;
      await store.update(await Deno.realPath(workspace.dir), (old) => {
        found = old !== undefined;
        return undefined;
      });
      return found;
    },
  };
}

async function grantsOf(
  workspace: Workspace,
  use: Use,
): Promise<{ datasets: readonly DatasetFile[]; wanted: readonly Grant[] }> {
  const granted = await Promise.all(use.datasets.map((dataset) => grantOf(dataset, workspace)));
  const grad: readonly Grant[] = use.grad ? [{ kind: "grad", context: workspace.grad }] : [];
  const wanted = [...grad, ...granted.flatMap(({ grant }) => grant ?? [])];
  return { datasets: granted.map(({ dataset }) => dataset), wanted: missingOf([], wanted) };
}

async function identityOf(workspace: Workspace): Promise<Omit<Decision, "grants">> {
  const path = await Deno.realPath(workspace.dir);
  return { path, workspaceId: workspace.id, owner: (await Deno.stat(path)).uid ?? 0 };
}

/** A decision is about one id in one folder of one owner: another clone in its place is a new workspace. */
async function isAbout(decision: Decision, workspace: Workspace): Promise<boolean> {
  const { path, workspaceId, owner } = await identityOf(workspace);
  return decision.path === path && decision.workspaceId === workspaceId && decision.owner === owner;
}
