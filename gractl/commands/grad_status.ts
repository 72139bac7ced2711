import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";

/** `gractl grad status`: does not start grad. */
export function gradStatus(deps: Deps) {
  return new Command("status").description("Show whether grad runs on this machine, with its address and log")
    .action(
      async () => {
        const { gradFields, gradText } = await import("../documents/grad_document.ts");
        const status = await deps.localGrad().status(deps.signal);
        deps.out.document("GradStatus", gradFields(status), () => gradText(status, deps.out.style));
      },
    );
}
