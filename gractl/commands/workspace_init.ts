import { resolve } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { shellQuote } from "../../shared/shell_quote.ts";
import type { Deps } from "../deps.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** `gractl workspace init [DIR]`: creates a workspace. */
export function workspaceInit(deps: Deps) {
  return new Command("init")
    .description("Create a workspace: config.yaml, datasets/ and runners/")
    .argument("[dir]", "folder of the workspace (default: ./workspace)")
    .option("--if-missing", "succeed if the workspace exists already")
    .action(async (dir, { ifMissing = false }) => {
      const { initWorkspace } = await import("../workspace/init_workspace.ts");
      const { openWorkspace } = await import("../workspace/workspace.ts");
      const path = resolve(deps.cwd, dir ?? deps.options().workspace ?? "workspace");
      const { created, notes } = await initWorkspace(path, { ids: deps.ids, ifMissing });
      const { ownersFor } = await import("../workspace/ownership.ts");
      const workspace = await openWorkspace({
        cwd: deps.cwd,
        explicit: path,
        home: deps.env["HOME"],
        owners: ownersFor(deps.uid, deps.env),
      });
      // Datasets that were in the folder before are not the user's doing.
      if (created) await deps.trust().approve(workspace, [{ kind: "grad", context: workspace.grad }]);
      for (const note of notes) deps.out.note(note);
      const { home: _, ...fields } = workspace;
      deps.out.document(
        "Workspace",
        { ...fields, created },
        () => text(workspace, { created, cwd: deps.cwd }),
      );
    });
}

function text(workspace: Workspace, { created, cwd }: { created: boolean; cwd: string }): string {
  if (!created) return `The workspace ${workspace.dir} exists already`;
  const elsewhere = workspace.dir === resolve(cwd, "workspace")
    ? ""
    : ` --workspace ${shellQuote(workspace.dir)}`;
  return [
    `Created a workspace in ${workspace.dir}`,
    "Next:",
    `  gractl dataset add NAME s3://BUCKET/PREFIX${elsewhere}`,
    `  gractl execute-code --code 'print(1 + 1)'${elsewhere}`,
  ].join("\n");
}
