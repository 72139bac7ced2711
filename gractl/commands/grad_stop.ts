import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";

/** `gractl grad stop`: runners continue to run. */
export function gradStop(deps: Deps) {
  return new Command("stop").description("Stop grad on this machine; runners continue to run").action(
    async () => {
      const { gradFields } = await import("../documents/grad_document.ts");
      const local = deps.localGrad();
      const { stopped } = await local.stop(deps.signal);
      const status = await local.status(deps.signal);
      deps.out.document(
        "GradStatus",
        { ...gradFields(status), stopped },
        () => stopped ? "Stopped. Runners continue to run." : "It was not running.",
      );
    },
  );
}
