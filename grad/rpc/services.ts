import type { Server } from "@grpc/grpc-js";
import { DatasetServiceService } from "../../proto/gen/grad/v1/dataset.ts";
import { ExecutionServiceService } from "../../proto/gen/grad/v1/execution.ts";
import { FileServiceService } from "../../proto/gen/grad/v1/file.ts";
import { RunnerServiceService } from "../../proto/gen/grad/v1/runner.ts";
import { SessionServiceService } from "../../proto/gen/grad/v1/session.ts";
import { SystemServiceService } from "../../proto/gen/grad/v1/system.ts";
import { HealthService } from "../../proto/gen/grpc/health/v1/health.ts";
import { ServerReflectionService } from "../../proto/gen/grpc/reflection/v1/reflection.ts";
import type { Ids } from "../../shared/ids.ts";
import type { Logger } from "../../shared/log.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import type { Diagnose } from "../diagnostics/diagnose.ts";
import type { Executions } from "../executions/executions.ts";
import type { Files } from "../files/files.ts";
import type { RunnerService } from "../runners/service.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { CallMetrics } from "../telemetry/call_metrics.ts";
import { datasetService } from "./dataset_service.ts";
import { executionService } from "./execution_service.ts";
import { fileService } from "./file_service.ts";
import { healthService } from "./health_service.ts";
import type { Method } from "./middleware/methods.ts";
import { callLog } from "./middleware/call_log.ts";
import { internalErrors } from "./middleware/internal_errors.ts";
import { LoadLimit } from "./middleware/load_limit.ts";
import { measure } from "./middleware/measure.ts";
import { compose } from "./middleware/middleware.ts";
import type { Readiness } from "./readiness.ts";
import { reflectionService } from "./reflection_service.ts";
import { runnerService } from "./runner_service.ts";
import { sessionService } from "./session_service.ts";
import { type System, systemService } from "./system_service.ts";
import { UnaryEdge } from "./unary.ts";

/** The use cases that are served. */
export type UseCases = Readonly<{
  system: System;
  diagnose: Diagnose;
  runners: RunnerService;
  executions: Executions;
  sessions: Sessions;
  files: Files;
}>;

/** Names of grad's own services, for health and reflection. */
const SERVICES: ReadonlySet<string> = new Set(
  ["System", "Runner", "Execution", "Session", "Dataset", "File"].map((name) => `grad.v1.${name}Service`),
);

/** What the server's edge needs besides the use cases. */
export type EdgeOptions = Readonly<{
  authenticator: Authenticator;
  metrics: CallMetrics<Method>;
  log: Logger;
  ids: Ids;
  /** Milliseconds from any point, never running backwards. */
  now: () => number;
  maxCalls: number;
}>;

/**
 * Adds every service to the server. The result knows how many calls are under way.
 * @param stopping aborts calls that are still under way when grad has waited long enough for them
 */
export function addServices(
  server: Server,
  options: EdgeOptions & UseCases & Readonly<{ readiness: Readiness; stopping: AbortSignal }>,
): Readonly<{ running: number }> {
  const { system, diagnose, runners, executions, sessions, files } = options;
  const { authenticator, metrics, log, ids, now, maxCalls, readiness, stopping } = options;
  const load = new LoadLimit(maxCalls);
  const middleware = compose(
    measure(metrics, now),
    callLog(log, now),
    internalErrors(log, ids),
    load.middleware,
  );
  const edge = new UnaryEdge({ middleware, authenticator, stopping });
  server.addService(SystemServiceService, systemService(edge, system, diagnose));
  server.addService(RunnerServiceService, runnerService(edge, runners));
  server.addService(ExecutionServiceService, executionService(edge, executions));
  server.addService(SessionServiceService, sessionService(edge, sessions));
  server.addService(DatasetServiceService, datasetService(edge, runners));
  server.addService(FileServiceService, fileService(edge, files));
  server.addService(HealthService, healthService(SERVICES, readiness));
  server.addService(ServerReflectionService, reflectionService(SERVICES));
  return load;
}
