import { status } from "@grpc/grpc-js";
import {
  HealthCheckResponse_ServingStatus as Serving,
  type HealthServer,
} from "../../proto/gen/grpc/health/v1/health.ts";

/** The standard health protocol: every service we have serves until the socket is closed. */
export function healthService(services: ReadonlySet<string>): HealthServer {
  const known = (service: string) => service === "" || services.has(service);
  return {
    check({ request }, respond) {
      if (known(request.service)) return respond(null, { status: Serving.SERVING });
      respond({ code: status.NOT_FOUND, details: "unknown service" });
    },
    watch(call) {
      // It changes only when grad ends, and then the stream does.
      call.write({ status: known(call.request.service) ? Serving.SERVING : Serving.SERVICE_UNKNOWN });
    },
  };
}
