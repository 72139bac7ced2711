import { GradError } from "../../../shared/errors.ts";
import type { CallCode, CallMetrics } from "../../telemetry/call_metrics.ts";
import type { Method } from "./methods.ts";
import type { Middleware } from "./middleware.ts";

/** Counts each call and measures how long it took. `now` is in milliseconds. */
export function measure(metrics: CallMetrics<Method>, now: () => number): Middleware {
  return async ({ method }, next) => {
    const startedAt = now();
    let code: CallCode = "ok";
    metrics.started(method);
    try {
      return await next();
    } catch (thrown) {
      code = thrown instanceof GradError ? thrown.code : "internal";
      throw thrown;
    } finally {
      metrics.ended(method, code, (now() - startedAt) / 1_000);
    }
  };
}
