import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { gradFields } from "../documents/grad_document.ts";

/** `gractl grad stop`: runners go on. */
export function gradStop(deps: Deps) {
  return new Command("stop").description("Stop the grad of this machine; runners go on").action(async () => {
    const local = deps.localGrad();
    const { stopped } = await local.stop(deps.signal);
    const status = await local.status(deps.signal);
    deps.out.document(
      "GradStatus",
      { ...gradFields(status), stopped },
      () => stopped ? "Stopped. Runners and their files are untouched." : "It was not running.",
    );
  });
}
