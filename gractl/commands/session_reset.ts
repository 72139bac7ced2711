import { Command } from "@commander-js/extra-typings";
import { checkName } from "../../shared/names.ts";
import type { Deps } from "../deps.ts";
import { RUNNER_OPTION, runnerRef } from "./runner_ref.ts";

/** `gractl session reset`: the next execution gets a new kernel. */
export function sessionReset(deps: Deps) {
  return new Command("reset").description("End the kernel of a session; variables are lost, files are kept")
    .argument("<name>", "name of the session").option(...RUNNER_OPTION)
    .option("--kernel <name>", "kernelspec of the new kernel (default: the same)")
    .action(async (name, options) => {
      const { sessionFields } = await import("../documents/session_document.ts");
      const ref = await runnerRef(deps, options.runner);
      checkName("session", name);
      await using client = await deps.connect();
      const session = await client.sessions.reset(ref, { name, kernel: options.kernel ?? "" }, deps.signal);
      deps.out.document(
        "Session",
        sessionFields(session, ref.name),
        () => `Reset the session ${session.name}. Its next kernel is ${session.kernel}.`,
      );
    });
}
