import type { ExecutionServiceServer } from "../../proto/gen/grad/v1/execution.ts";
import type { Executions } from "../executions/executions.ts";
import { checkRef, runnerOfExecution } from "../runners/names.ts";
import { fromSpec } from "./convert.ts";
import { fromAttached, fromExecution, toDataset } from "./convert_agent.ts";
import type { UnaryEdge } from "./unary.ts";

export function executionService(edge: UnaryEdge, executions: Executions): ExecutionServiceServer {
  return {
    execute: edge.serve("Execute", async (context, request) => {
      const {
        runner,
        spec,
        datasets,
        requiredDatasets: required,
        keepOtherDatasets,
        existingRunner,
        ...code
      } = request;
      const asked = {
        runner: checkRef(runner),
        spec: fromSpec(spec),
        code,
        datasets: datasets.map(toDataset),
        required,
        keepOtherDatasets,
        existingRunner,
      };
      const executed = await executions.execute(context, asked);
      context.note({ runner: runnerOfExecution(executed.execution.id), execution: executed.execution.id });
      const { execution, unavailable, ...answer } = executed;
      return {
        ...answer,
        execution: fromExecution(execution),
        unavailableDatasets: unavailable.map(fromAttached),
      };
    }),
    readEvents: edge.serve("ReadEvents", (context, request) => {
      context.note({ execution: request.executionId.slice(0, 40) });
      return executions.readEvents(context, request);
    }),
    getExecution: edge.serve("GetExecution", async (context, { executionId }) => {
      context.note({ execution: executionId.slice(0, 40) });
      return { execution: fromExecution(await executions.get(context, executionId)) };
    }),
    listExecutions: edge.serve("ListExecutions", async (context, { runner, session, limit }) => {
      const found = await executions.list(context, { runner: checkRef(runner), session, limit });
      return { executions: found.map(fromExecution) };
    }),
    interruptExecution: edge.serve("InterruptExecution", async (context, request) => {
      context.note({ execution: request.executionId.slice(0, 40) });
      return { execution: fromExecution(await executions.interrupt(context, request)) };
    }),
  };
}
