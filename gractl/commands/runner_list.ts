import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";

/** `gractl runner list`. */
export function runnerList(deps: Deps) {
  return new Command("list").description("List the runners of the workspace")
    .option("--all-workspaces", "include runners of your other workspaces", false)
    .option("--ended", "include runners that have ended", false)
    .action(async ({ allWorkspaces, ended }) => {
      const { runnerFields, runnerTable } = await import("../documents/runner_document.ts");
      const workspaceId = allWorkspaces ? "" : (await deps.trustedWorkspace()).id;
      await using client = await deps.connect();
      const runners = await client.runners.list({ workspaceId, includeEnded: ended }, deps.signal);
      deps.out.document("RunnerList", { items: runners.map(runnerFields) }, () => {
        return runnerTable(runners, { style: deps.out.style, now: deps.clock.now(), allWorkspaces });
      });
    });
}
