import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { age } from "../ui/age.ts";

/** `gractl runner list`. */
export function runnerList(deps: Deps) {
  return new Command("list").description("List the runners of the workspace")
    .option("--all-workspaces", "include runners of your other workspaces", false)
    .option("--ended", "include runners that have ended", false)
    .action(async ({ allWorkspaces, ended }) => {
      const { renderTable } = await import("../ui/tables.ts");
      const { runnerFields } = await import("../documents/runner_document.ts");
      const workspaceId = allWorkspaces ? "" : (await deps.workspace()).id;
      await using client = await deps.connect();
      const runners = await client.runners.list({ workspaceId, includeEnded: ended }, deps.signal);
      deps.out.document("RunnerList", { items: runners.map(runnerFields) }, () => {
        const now = deps.clock.now();
        const rows = runners.map((runner) => [
          ...(allWorkspaces ? [runner.ref.workspaceId] : []),
          runner.ref.name,
          runner.phase,
          age(runner.createdAt, now),
          age(runner.lastActiveAt, now),
          runner.phaseMessage,
        ]);
        const headings = ["NAME", "PHASE", "AGE", "ACTIVE", "MESSAGE"];
        return renderTable(allWorkspaces ? ["WORKSPACE", ...headings] : headings, rows, {
          style: deps.out.style,
          empty: "No runners. `gractl execute-code` creates one.",
        });
      });
    });
}
