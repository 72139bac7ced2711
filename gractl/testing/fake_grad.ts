import type { DatasetCalls } from "../client/datasets.ts";
import type { Event, EventKind, Execution, ExecutionCalls } from "../client/executions.ts";
import type { FileCalls } from "../client/files.ts";
import type { GradClient, GradInfo } from "../client/grad_client.ts";
import type { RunnerCalls } from "../client/runners.ts";
import type { SessionCalls } from "../client/sessions.ts";
import type { SystemCalls } from "../client/system.ts";

export const INFO: GradInfo = {
  version: "1.2.3",
  api: 1,
  backend: "local",
  owner: "local",
  environments: ["default"],
  instance: "4242-x",
};

type Calls = Readonly<{
  system: Partial<SystemCalls>;
  runners: Partial<RunnerCalls>;
  sessions: Partial<SessionCalls>;
  executions: Partial<ExecutionCalls>;
  datasets: Partial<DatasetCalls>;
  files: Partial<FileCalls>;
}>;

/** A grad with the given calls; every other call fails the test. */
export function fakeGrad(calls: Partial<Calls> = {}): GradClient & { disposed: number } {
  const only = <Port extends object>(port: string, known: Partial<Port> = {}) =>
    new Proxy(known, {
      get(target, name) {
        const call = Reflect.get(target, name);
        return call ??
          (() =>
            Promise.reject(new Error(`Called ${port}.${String(name)}, which this test does not expect`)));
      },
    }) as Port;
  return {
    info: INFO,
    system: only<SystemCalls>("system", calls.system),
    runners: only<RunnerCalls>("runners", calls.runners),
    sessions: only<SessionCalls>("sessions", calls.sessions),
    executions: only<ExecutionCalls>("executions", calls.executions),
    datasets: only<DatasetCalls>("datasets", calls.datasets),
    files: only<FileCalls>("files", calls.files),
    disposed: 0,
    [Symbol.asyncDispose]() {
      this.disposed++;
      return Promise.resolve();
    },
  };
}

export const EXECUTION: Execution = {
  id: "raaaaaaaaaaaa-0123456789abcdef",
  runner: { workspaceId: "ws-abcdefgh12345678", name: "runner-1" },
  session: "default",
  kernel: "python3",
  status: "queued",
  queuedAt: new Date("2026-11-23T10:00:00.000Z"),
  startedAt: undefined,
  finishedAt: undefined,
  codePath: "code/raaaaaaaaaaaa-0123456789abcdef.py",
  error: undefined,
  usage: undefined,
  truncated: undefined,
  deadlineMs: 0,
  firstLine: "import duckdb",
  code: "",
};

/** Numbered events, one per second. */
export function eventsOf(...kinds: readonly EventKind[]): readonly Event[] {
  const began = Date.parse("2026-11-23T10:00:00.000Z");
  return kinds.map((kind, at) => ({ seq: at + 1, time: new Date(began + at * 1_000), ...kind }));
}

export const utf8 = (text: string) => new TextEncoder().encode(text);

export const STARTED: EventKind = { type: "started", generation: 1, freshKernel: true, previousEnd: "" };
export const SUCCEEDED: EventKind = {
  type: "finished",
  status: "succeeded",
  durationMs: 1_234,
  usage: { cpuMs: 12, peakMemoryBytes: 2 ** 20 },
  truncated: { stdout: false, stderr: false, results: false },
};

/** Calls for an execution with the given events: `execute` returns the first ones, `readEvents` the rest in batches. */
export function scripted(
  events: readonly Event[],
  options: { first?: number; batch?: number } = {},
): Pick<ExecutionCalls, "execute" | "readEvents" | "get"> & { keys: string[]; reads: number[] } {
  const { first = 1, batch = 2 } = options;
  const keys: string[] = [];
  const reads: number[] = [];
  const from = (seq: number, count: number) => {
    const some = events.slice(seq - 1, seq - 1 + count);
    const nextSeq = seq + some.length;
    return { events: some, nextSeq, done: nextSeq > events.length };
  };
  return {
    keys,
    reads,
    execute(request) {
      keys.push(request.idempotencyKey);
      return Promise.resolve({
        execution: EXECUTION,
        resumed: false,
        unavailableDatasets: [],
        ...from(1, first),
      });
    },
    readEvents({ fromSeq }) {
      reads.push(fromSeq);
      return Promise.resolve(from(fromSeq, batch));
    },
    get: () => Promise.resolve(EXECUTION),
  };
}
