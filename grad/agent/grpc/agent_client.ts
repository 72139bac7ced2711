import { AgentServiceClient } from "../../../proto/gen/runner/v1/agent.ts";
import type { Agent } from "../agent.ts";
import type { ComponentTls } from "../component_tls.ts";
import { componentChannel } from "./channel.ts";
import { toExecution, toFileEntry, toSession } from "./convert.ts";
import { unaryCall, type UnaryMethod } from "./unary_call.ts";

/** Time for an answer, in addition to what the agent was asked to wait. */
const SLACK_MS = 15_000;

/** The agent that listens at `address` ("unix:/path", or "host:port" with `tls`). Connects when first used. */
export function agentClient(address: string, tls?: ComponentTls): Agent & { close(): void } {
  const { credentials, options } = componentChannel(tls);
  const client = new AgentServiceClient(address, credentials, options);
  function call<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: Request,
    signal: AbortSignal,
    waitMs = 0,
  ): Promise<Response> {
    return unaryCall(method.bind(client), request, { signal, timeoutMs: waitMs + SLACK_MS });
  }
  return {
    close: () => client.close(),
    async getInfo(waitMs, signal) {
      const bounds = { signal, timeoutMs: waitMs + 1_000, waitForReady: waitMs > 0 };
      return await unaryCall(client.getInfo.bind(client), { waitMs }, bounds);
    },
    async execute(request, signal) {
      const { execution, ...batch } = await call(client.execute, request, signal, request.waitMs);
      return { execution: toExecution(execution), ...batch };
    },
    readEvents: (request, signal) => call(client.readEvents, request, signal, request.waitMs),
    getExecution: async (executionId, signal) =>
      toExecution((await call(client.getExecution, { executionId }, signal)).execution),
    listExecutions: async (request, signal) =>
      (await call(client.listExecutions, request, signal)).executions.map(toExecution),
    interruptExecution: async (request, signal) =>
      toExecution((await call(client.interruptExecution, request, signal, request.waitMs)).execution),
    holdCode: async (hold, signal) => void await call(client.holdCode, hold, signal),

    listSessions: async (signal) => (await call(client.listSessions, {}, signal)).sessions.map(toSession),
    getSession: async (name, signal) => toSession((await call(client.getSession, { name }, signal)).session),
    resetSession: async (request, signal) =>
      toSession((await call(client.resetSession, request, signal)).session),
    deleteSession: async (request, signal) => void await call(client.deleteSession, request, signal),

    async listFiles(request, signal) {
      const { entries, truncated } = await call(client.listFiles, request, signal);
      return { entries: entries.map(toFileEntry), truncated };
    },
    readFile: (request, signal) => call(client.readFile, request, signal),
    beginUpload: (request, signal) => call(client.beginUpload, request, signal),
    writeUpload: (request, signal) => call(client.writeUpload, request, signal),
    finishUpload: async (uploadId, signal) =>
      toFileEntry((await call(client.finishUpload, { uploadId }, signal)).entry),
  };
}
