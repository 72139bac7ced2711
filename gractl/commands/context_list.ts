import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";

/** `gractl context list`: reads the user's own configuration, and connects to nothing. */
export function contextList(deps: Deps) {
  return new Command("list").description("List your contexts, the grads that you have named")
    .action(async () => {
      const { readContexts } = await import("../auth/contexts.ts");
      const { contextFields, contextTable } = await import("../documents/context_document.ts");
      const contexts = await readContexts(deps);
      deps.out.document(
        "ContextList",
        { items: contexts.map(contextFields) },
        () => contextTable(contexts, deps.out.style),
      );
    });
}
