import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";

/** `gractl context list`: reads the user's own configuration, and connects to nothing. */
export function contextList(deps: Deps) {
  return new Command("list").description("List your contexts, the grads that you have named")
    .action(async () => {
      const { readContexts } = await import("../auth/contexts.ts");
      const { tokenExpiry } = await import("../auth/token_file.ts");
      const { contextFields, contextTable } = await import("../documents/context_document.ts");
      const contexts = await Promise.all(
        (await readContexts(deps)).map(async (context) => ({
          context,
          tokenExpiresAtMs: await tokenExpiry(context.tokenFile, deps.uid),
        })),
      );
      deps.out.document(
        "ContextList",
        { items: contexts.map(contextFields) },
        () => contextTable(contexts, { style: deps.out.style, nowMs: deps.clock.now() }),
      );
    });
}
