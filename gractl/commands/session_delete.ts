import { Command } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import { checkName } from "../../shared/names.ts";
import type { Deps } from "../deps.ts";
import { RUNNER_OPTION, runnerRef } from "./runner_ref.ts";

/** `gractl session delete`: its executions and files stay. */
export function sessionDelete(deps: Deps) {
  return new Command("delete").description("End a session and forget it; variables are lost, files are kept")
    .argument("<name>", "name of the session").option(...RUNNER_OPTION)
    .option("--force", "delete it even while code runs or waits in it", false)
    .action(async (name, { runner, force }) => {
      const { sessionFields } = await import("../documents/session_document.ts");
      const ref = await runnerRef(deps, runner);
      checkName("session", name);
      await using client = await deps.connect();
      const session = await client.sessions.get(ref, name, deps.signal);
      try {
        await client.sessions.delete(ref, { name, force }, deps.signal);
      } catch (thrown) {
        // It existed a moment ago: the answer of a first call was lost, or somebody else has deleted it.
        if (!(thrown instanceof GradError) || thrown.code !== "session_not_found") throw thrown;
      }
      deps.out.document(
        "Session",
        sessionFields(session, ref.name),
        () => `Deleted the session ${name}. Its variables are gone; files are kept.`,
      );
    });
}
