import { resolve } from "node:path";
import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** `gractl workspace init [DIR]`: makes a workspace, or nothing. */
export function workspaceInit(deps: Deps) {
  return new Command("init")
    .description("Make a workspace: config.yaml, datasets/, runners/")
    .argument("[dir]", "folder to make it of (default: ./workspace)")
    .option("--if-missing", "succeed when it is there already")
    .action(async (dir, { ifMissing = false }) => {
      const { initWorkspace } = await import("../workspace/init_workspace.ts");
      const { openWorkspace } = await import("../workspace/workspace.ts");
      const path = resolve(deps.cwd, dir ?? deps.options().workspace ?? "workspace");
      const { created, notes } = await initWorkspace(path, { ids: deps.ids, ifMissing });
      const workspace = await openWorkspace({ cwd: deps.cwd, explicit: path, home: deps.env["HOME"] });
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
  if (!created) return `There is a workspace in ${workspace.dir}`;
  const elsewhere = workspace.dir === resolve(cwd, "workspace") ? "" : ` --workspace ${workspace.dir}`;
  return [
    `Made a workspace in ${workspace.dir}`,
    "Next:",
    `  gractl dataset add NAME s3://BUCKET/PREFIX${elsewhere}`,
    `  gractl execute-code --code 'print(1 + 1)'${elsewhere}`,
  ].join("\n");
}
