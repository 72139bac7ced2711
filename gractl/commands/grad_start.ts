import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { gradFields, gradText } from "../documents/grad_document.ts";

/** `gractl grad start`: other commands do it by themselves. */
export function gradStart(deps: Deps) {
  return new Command("start").description(
    "Start the grad of this machine; other commands do so by themselves",
  )
    .option("--unsafe-no-sandbox", "run code without a sandbox, as yourself, with all of your files", false)
    .action(async ({ unsafeNoSandbox }) => {
      if (deps.out.interactive) deps.out.progress("starting grad…");
      const status = await deps.localGrad().start({ unsafeNoSandbox }, deps.signal);
      deps.out.document(
        "GradStatus",
        { ...gradFields(status), started: status.started },
        () => `${status.started ? "Started." : "It runs already."}\n${gradText(status, deps.out.style)}`,
      );
      if (unsafeNoSandbox && !status.started) {
        deps.out.warn("warning: It was running: --unsafe-no-sandbox takes effect after `gractl grad stop`.");
      }
    });
}
