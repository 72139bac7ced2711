import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { RUNNER_OPTION, runnerRef } from "./runner_ref.ts";

/** `gractl session get`. */
export function sessionGet(deps: Deps) {
  return new Command("get").description("Show a session").argument("<name>", "name of the session").option(
    ...RUNNER_OPTION,
  )
    .action(async (name, options) => {
      const { sessionFields, sessionText } = await import("../documents/session_document.ts");
      const ref = await runnerRef(deps, options.runner);
      await using client = await deps.connect();
      const session = await client.sessions.get(ref, name, deps.signal);
      deps.out.document(
        "Session",
        sessionFields(session, ref.name),
        () => sessionText(session, { runner: ref.name, style: deps.out.style, now: deps.clock.now() }),
      );
    });
}
