import type { AgentInfo } from "../agent/agent.ts";
import type { RunnerBackend } from "./backend.ts";
import type { RunnerRecord } from "./runner.ts";

/** Longest wait for an agent that is asked about a runner which is about to end, in milliseconds. */
const ASK_MS = 2_000;

/** What the agent says of itself, which is lost with it; `undefined` when it does not answer. Never fails. */
export async function askActivity(
  backend: Pick<RunnerBackend, "connect">,
  record: RunnerRecord,
): Promise<AgentInfo | undefined> {
  try {
    const { agent } = await backend.connect(record);
    return await agent.getInfo(0, AbortSignal.timeout(ASK_MS));
  } catch {
    return undefined;
  }
}

/** Names of the sessions that have variables, in order; `undefined` when the agent does not answer. Never fails. */
export async function sessionsWithVariables(
  backend: Pick<RunnerBackend, "connect">,
  record: RunnerRecord,
): Promise<readonly string[] | undefined> {
  try {
    const { agent } = await backend.connect(record);
    const sessions = await agent.listSessions(AbortSignal.timeout(ASK_MS));
    // A state that this version does not know counts as one with a kernel.
    return sessions.filter(({ state, executions }) => state !== "empty" && executions > 0)
      .map(({ name }) => name).sort();
  } catch {
    return undefined;
  }
}
