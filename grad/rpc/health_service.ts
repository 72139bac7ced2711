import { status } from "@grpc/grpc-js";
import {
  HealthCheckResponse_ServingStatus as Serving,
  type HealthServer,
} from "../../proto/gen/grpc/health/v1/health.ts";
import type { Readiness } from "./readiness.ts";

/**
 * The standard health protocol (grpc.health.v1). Every service that we have is as ready as grad itself is. It is served without
 * identity and load limit: orchestrators ask it.
 */
export function healthService(services: ReadonlySet<string>, readiness: Readiness): HealthServer {
  const known = (service: string) => service === "" || services.has(service);
  const servingStatus = (ready: boolean) => ready ? Serving.SERVING : Serving.NOT_SERVING;
  return {
    check({ request }, respond) {
      if (!known(request.service)) return respond({ code: status.NOT_FOUND, details: "unknown service" });
      readiness.check().then((ready) => respond(null, { status: servingStatus(ready) }));
    },
    watch(call) {
      // The protocol demands that the stream of an unknown service stays open.
      const isKnown = known(call.request.service);
      if (!isKnown) call.write({ status: Serving.SERVICE_UNKNOWN });
      const watching = readiness.watch({
        changed: (ready) => isKnown && call.write({ status: servingStatus(ready) }),
        ended: () => call.end(),
      });
      call.on("cancelled", () => watching[Symbol.dispose]());
    },
  };
}
