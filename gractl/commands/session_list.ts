import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { RUNNER_OPTION, runnerRef } from "./runner_ref.ts";

/** `gractl session list`. */
export function sessionList(deps: Deps) {
  return new Command("list").description("List the sessions of a runner").option(...RUNNER_OPTION)
    .action(async (options) => {
      const { sessionFields, sessionTable } = await import("../documents/session_document.ts");
      const ref = await runnerRef(deps, options.runner);
      await using client = await deps.connect();
      const sessions = await client.sessions.list(ref, deps.signal);
      deps.out.document(
        "SessionList",
        { items: sessions.map((each) => sessionFields(each, ref.name)) },
        () => sessionTable(sessions, { runner: ref.name, style: deps.out.style, now: deps.clock.now() }),
      );
    });
}
