import type { ExecutionServiceServer } from "../../proto/gen/grad/v1/execution.ts";
import type { Executions } from "../executions/executions.ts";
import { checkRef, runnerOfExecution } from "../runners/names.ts";
import { fromSpec } from "./convert.ts";
import type { UnaryEdge } from "./unary.ts";

export function executionService(edge: UnaryEdge, executions: Executions): ExecutionServiceServer {
  return {
    execute: edge.serve("Execute", async (request, { owner, signal, note }) => {
      const { runner, spec, datasets, requiredDatasets: required, ...code } = request;
      const asked = { runner: checkRef(runner), spec: fromSpec(spec), code, datasets, required };
      const executed = await executions.execute(owner, asked, signal);
      note({ runner: runnerOfExecution(executed.execution.id), execution: executed.execution.id });
      return executed;
    }),
    readEvents: edge.serve("ReadEvents", (request, { owner, signal, note }) => {
      note({ execution: request.executionId.slice(0, 40) });
      return executions.readEvents(owner, request, signal);
    }),
    getExecution: edge.serve("GetExecution", async ({ executionId }, { owner, signal, note }) => {
      note({ execution: executionId.slice(0, 40) });
      return { execution: await executions.get(owner, executionId, signal) };
    }),
    listExecutions: edge.serve("ListExecutions", async ({ runner, session, limit }, { owner, signal }) => {
      return {
        executions: await executions.list(owner, { runner: checkRef(runner), session, limit }, signal),
      };
    }),
    interruptExecution: edge.serve("InterruptExecution", async ({ executionId }, { owner, signal, note }) => {
      note({ execution: executionId.slice(0, 40) });
      return { execution: await executions.interrupt(owner, executionId, signal) };
    }),
  };
}
