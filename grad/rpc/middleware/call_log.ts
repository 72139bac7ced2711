import { GradError } from "../../../shared/errors.ts";
import type { Logger } from "../../../shared/log.ts";
import type { Middleware } from "./middleware.ts";

/** Logs one line for each call: its method, what was noted, its code and how long it took in milliseconds. */
export function callLog(log: Logger, now: () => number): Middleware {
  return async (call, next) => {
    const startedAt = now();
    let code = "ok";
    try {
      return await next();
    } catch (thrown) {
      code = thrown instanceof GradError ? thrown.code : "internal";
      throw thrown;
    } finally {
      const ms = Math.round((now() - startedAt) * 10) / 10;
      call.afterAnswer(() => log.info("rpc.done", { method: call.method, ...call.noted(), code, ms }));
    }
  };
}
