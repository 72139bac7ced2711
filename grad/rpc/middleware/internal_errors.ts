import { GradError } from "../../../shared/errors.ts";
import type { Ids } from "../../../shared/ids.ts";
import type { Logger } from "../../../shared/log.ts";
import type { Middleware } from "./middleware.ts";

/** Turns what is not a GradError into `internal`. Its text may hold secrets: it goes to our log, and the client gets the line's id. */
export function internalErrors(log: Logger, ids: Ids): Middleware {
  return async ({ method }, next) => {
    try {
      return await next();
    } catch (thrown) {
      if (thrown instanceof GradError) throw thrown;
      const id = ids.random(10);
      log.error("rpc.bug", thrown, { method, id });
      throw new GradError("internal", `Cannot answer the call: internal error ${id}`, {
        hint: `Report it with the line of grad's log that has the id ${id}.`,
      });
    }
  };
}
