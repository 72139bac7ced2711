import { GradError } from "../../../shared/errors.ts";
import type { Agent, CodeRequest, Executed, SubmittedCode } from "../agent.ts";
import type { Event } from "../event.ts";
import type { Execution } from "../execution.ts";
import type { Session } from "../session.ts";
import { executionId } from "../../runners/names.ts";

/** What an agent stores on its volume. */
export type AgentVolume = {
  executions: Map<string, { code: string; execution: Execution; events: Event[]; datasets: string }>;
  files: Map<string, string>;
  /** What the agent reports; nothing by default. */
  activity: { lastActiveMs: bigint; lastActivity: string };
  sessions: Session[];
};

export function agentVolume(): AgentVolume {
  return {
    executions: new Map(),
    files: new Map(),
    activity: { lastActiveMs: 0n, lastActivity: "" },
    sessions: [],
  };
}

/**
 * An agent whose "kernel" prints its code: `1+1` is answered by events queued, started, stdout "1+1", finished. `isUp` says
 * whether its components run; when they do not, every call is `runner_unavailable`. `attached` is the version of the datasets that
 * are attached now.
 */
export function fakeAgent(
  runnerId: string,
  volume: AgentVolume,
  isUp: () => boolean,
  attached: () => string,
): Agent {
  const gone = () => new GradError("runner_unavailable", "Cannot reach the agent: nobody listens");
  const up = <T>(answer: () => T): Promise<T> =>
    isUp() ? Promise.resolve().then(answer) : Promise.reject(gone());
  const find = (id: string) => {
    const found = volume.executions.get(id);
    if (found === undefined) throw new GradError("execution_not_found", `Cannot find the execution "${id}"`);
    return found;
  };
  /** Of the process, not of the volume. */
  const holds = new Map<string, number>();
  const isHeld = () => [...holds.values()].some((endsAtMs) => endsAtMs > performance.now());
  const unused = () => up<never>(() => Promise.reject(new GradError("internal", "not faked")) as never);
  return {
    getInfo: () =>
      up(() => ({
        agentVersion: "fake",
        api: 1,
        runnerId,
        ready: true,
        activeExecutions:
          [...volume.executions.values()].filter(({ execution }) => execution.status === "running").length,
        ...volume.activity,
      })),
    execute: (request) =>
      up(() => execute(runnerId, volume, request, { attached: attached(), isHeld: isHeld() })),
    holdCode: ({ holder, holdMs }) => up(() => void holds.set(holder, performance.now() + holdMs)),
    readEvents: ({ executionId, fromSeq }) =>
      up(() => {
        const { events } = find(executionId);
        return { events: events.slice(Number(fromSeq) - 1), nextSeq: BigInt(events.length + 1), done: true };
      }),
    getExecution: (id) => up(() => find(id).execution),
    listExecutions: () =>
      up(() => [...volume.executions.values()].map(({ execution }) => execution).reverse()),
    interruptExecution: ({ executionId }) => up(() => find(executionId).execution),
    listSessions: () => up(() => volume.sessions),
    getSession: (name) =>
      up(() => Promise.reject(new GradError("session_not_found", `Cannot find "${name}"`)) as never),
    resetSession: unused,
    deleteSession: unused,
    listFiles: () => up(() => ({ entries: [], truncated: false })),
    readFile: unused,
    beginUpload: unused,
    writeUpload: unused,
    finishUpload: unused,
  };
}

function execute(
  runnerId: string,
  volume: AgentVolume,
  request: SubmittedCode,
  { attached, isHeld }: Readonly<{ attached: string; isHeld: boolean }>,
): Executed {
  const id = executionId(runnerId, request.idempotencyKey);
  const known = volume.executions.get(id);
  if (known !== undefined && known.code !== request.code) {
    throw new GradError("idempotency_conflict", "Cannot execute: the key was used with other code");
  }
  if (known === undefined && request.datasetsVersion !== "" && request.datasetsVersion !== attached) {
    throw new GradError("datasets_changed", "Cannot run the code: other datasets are attached");
  }
  if (known === undefined && isHeld) {
    throw new GradError("runner_unavailable", "Cannot run code: the runner is about to be paused");
  }
  const made = known ?? { code: request.code, datasets: attached, ...run(id, request) };
  volume.executions.set(id, made);
  const { execution, events } = made;
  return { execution, events, nextSeq: BigInt(events.length + 1), done: execution.status !== "running" };
}

/** EXECUTION_STATUS_SUCCEEDED of the wire. */
const SUCCEEDED = 3;

/** Code that ends with "hang" never finishes; everything else does at once. */
function run(
  id: string,
  { code, session, deadlineMs }: CodeRequest,
): { execution: Execution; events: Event[] } {
  const hangs = code.endsWith("hang");
  const at = new Date(0);
  const kinds: Event["kind"][] = [
    { $case: "queued", value: { ahead: 0 } },
    { $case: "started", value: { generation: 1, freshKernel: true, previousEnd: "" } },
    { $case: "stdout", value: { data: new TextEncoder().encode(code) } },
  ];
  if (!hangs) kinds.push({ $case: "finished", value: { status: SUCCEEDED, durationMs: 1n } });
  const events = kinds.map((kind, index) => ({ seq: BigInt(index + 1), time: at, kind }));
  const status = hangs ? "running" : "succeeded";
  return {
    execution: {
      id,
      session,
      kernel: "python3",
      status,
      queuedAt: at,
      startedAt: at,
      codePath: `code/${id}.py`,
      deadlineMs,
      firstLine: code,
      code: "",
    },
    events,
  };
}
