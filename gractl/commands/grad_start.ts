import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";

/** `gractl grad start`: optional, since other commands start grad when they need it. */
export function gradStart(deps: Deps) {
  return new Command("start").description(
    "Start grad on this machine; other commands start it when needed",
  )
    .option("--unsafe-no-sandbox", "run code without a sandbox, with access to all your files", false)
    .action(async ({ unsafeNoSandbox }) => {
      const { gradFields, gradText } = await import("../documents/grad_document.ts");
      if (deps.out.interactive) deps.out.progress("starting grad…");
      const status = await deps.localGrad().start({ unsafeNoSandbox }, deps.signal);
      deps.out.document(
        "GradStatus",
        { ...gradFields(status), started: status.started },
        () =>
          `${status.started ? "Started." : "It is running already."}\n${gradText(status, deps.out.style)}`,
      );
      if (unsafeNoSandbox && !status.started) {
        deps.out.warn(
          "warning: grad was running already; --unsafe-no-sandbox takes effect after `gractl grad stop`.",
        );
      }
    });
}
