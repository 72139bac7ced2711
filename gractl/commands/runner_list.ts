import { Command } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import type { Deps } from "../deps.ts";

/** `gractl runner list`. */
export function runnerList(deps: Deps) {
  return new Command("list").description("List the runners of the workspace")
    .option("--all-workspaces", "include runners of your other workspaces, of deleted ones too", false)
    .option("--all-owners", "include runners of all owners and their workspaces; for admins", false)
    .option("--ended", "include runners that have ended", false)
    .option("--watch", "also show every change, until you press Ctrl-C", false)
    .action(async ({ allOwners, allWorkspaces, ended, watch }) => {
      const { out, clock, signal } = deps;
      if (watch && out.format === "json") {
        throw new GradError("usage", "Cannot watch runners as one JSON document", {
          hint: "Use `-o ndjson`, which prints a line for each runner that changes.",
        });
      }
      const workspaceId = allWorkspaces || allOwners ? "" : (await deps.trustedWorkspace()).id;
      const which = { workspaceId, includeEnded: ended, ...(allOwners ? { allOwners } : {}) };
      await using client = await deps.connect({ anywhere: allWorkspaces || allOwners });
      if (watch || out.format === "ndjson") {
        const { watchRunners } = await import("../watch/watch_runners.ts");
        return await watchRunners({ out, clock, signal, runners: client.runners }, {
          ...which,
          once: !watch,
        });
      }
      const { runnerFields, runnerTable } = await import("../documents/runner_document.ts");
      const runners = await client.runners.list(which, signal);
      const folders = allWorkspaces && !allOwners ? await deps.trust().folders() : undefined;
      out.document("RunnerList", { items: runners.map(runnerFields) }, () => {
        return runnerTable(runners, {
          style: out.style,
          now: clock.now(),
          allWorkspaces,
          allOwners,
          folders,
        });
      });
    });
}
