import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { age } from "../ui/age.ts";
import { RUNNER_OPTION, runnerRef } from "./runner_ref.ts";

/** `gractl session list`. */
export function sessionList(deps: Deps) {
  return new Command("list").description("List the sessions of a runner").option(...RUNNER_OPTION)
    .action(async (options) => {
      const { renderTable } = await import("../ui/tables.ts");
      const { sessionFields } = await import("../documents/session_document.ts");
      const ref = await runnerRef(deps, options.runner);
      await using client = await deps.connect();
      const sessions = await client.sessions.list(ref, deps.signal);
      deps.out.document(
        "SessionList",
        { items: sessions.map((each) => sessionFields(each, ref.name)) },
        () => {
          const now = deps.clock.now();
          const rows = sessions.map((each) => [
            each.name,
            each.kernel,
            each.state,
            each.executions,
            age(each.lastUsedAt, now),
            each.runningExecutionId,
          ]);
          return renderTable(["NAME", "KERNEL", "STATE", "EXECUTIONS", "USED", "RUNNING"], rows, {
            style: deps.out.style,
            empty: `No sessions in ${ref.name}.`,
          });
        },
      );
    });
}
