import { Command } from "@commander-js/extra-typings";
import { checkName } from "../../shared/names.ts";
import type { Deps } from "../deps.ts";
import { RUNNER_OPTION, runnerRef } from "./runner_ref.ts";
import { sessionFields } from "../documents/session_document.ts";

/** `gractl session reset`: a fresh kernel, files stay. */
export function sessionReset(deps: Deps) {
  return new Command("reset").description("Begin a session afresh: its variables go, files stay")
    .argument("<name>", "the session").option(...RUNNER_OPTION)
    .option("--kernel <name>", "kernelspec of the fresh session (default: the same)")
    .action(async (name, options) => {
      const ref = await runnerRef(deps, options.runner);
      checkName("session", name);
      await using client = await deps.connect();
      const session = await client.sessions.reset(ref, { name, kernel: options.kernel ?? "" }, deps.signal);
      deps.out.document(
        "Session",
        sessionFields(session, ref.name),
        () => `Session ${session.name} begins afresh with ${session.kernel}.`,
      );
    });
}
