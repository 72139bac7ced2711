import type { DatasetCheck } from "../client/datasets.ts";
import type { Execution } from "../client/executions.ts";
import type { FileEntry } from "../client/files.ts";
import type { GradClient } from "../client/grad_client.ts";
import type { Runner } from "../client/runners.ts";
import type { Session } from "../client/sessions.ts";
import type { DiagnosticCheck } from "../client/system.ts";
import { EXECUTION, fakeGrad, INFO } from "./fake_grad.ts";

// One example of everything that grad answers with, for tests of what commands print.

export const RUNNER: Runner = {
  id: "raaaaaaaaaaaa",
  ref: { workspaceId: "ws-abcdefgh12345678", name: "runner-1" },
  owner: "local",
  phase: "ready",
  stage: "none",
  reason: "none",
  phaseMessage: "",
  spec: {
    environment: "default",
    resources: { cpuMillis: 2_000, memoryMib: 4_096, storageMib: 10_240 },
    network: "none",
  },
  createdAt: new Date("2026-11-23T10:00:00.000Z"),
  lastActiveAt: new Date("2026-11-23T11:30:00.000Z"),
  lastActivity: "execution",
  datasets: [
    {
      name: "flights",
      state: "mounted",
      errorCode: "",
      errorMessage: "",
      errorHint: "",
      path: "/workspace/data/flights",
    },
    {
      name: "old",
      state: "failed",
      errorCode: "dataset_bucket_not_found",
      errorMessage: "The bucket does not exist",
      errorHint: "Check it.",
      path: "/workspace/data/old",
    },
  ],
  tombstone: undefined,
  agentVersion: "1.2.3",
  backend: "local",
  pauseAt: new Date("2026-11-23T23:30:00.000Z"),
  destroyAt: undefined,
  pausedAt: undefined,
  lostSessions: [],
};

export const PAUSED_RUNNER: Runner = {
  ...RUNNER,
  phase: "paused",
  reason: "idle",
  phaseMessage: 'nothing was active in it; the variables of these sessions are lost: "default"',
  datasets: [],
  agentVersion: "",
  pauseAt: undefined,
  destroyAt: new Date("2026-12-23T11:30:00.000Z"),
  pausedAt: new Date("2026-11-23T11:30:00.000Z"),
  lostSessions: ["default"],
};

export const ENDED_RUNNER: Runner = {
  ...RUNNER,
  phase: "destroyed",
  datasets: [],
  pauseAt: undefined,
  tombstone: {
    endedAt: new Date("2026-11-23T11:59:00.000Z"),
    endedBy: "local",
    reason: "destroyed",
    message: "",
  },
};

export const SESSION: Session = {
  name: "default",
  runnerId: "raaaaaaaaaaaa",
  kernel: "python3",
  state: "busy",
  createdAt: new Date("2026-11-23T10:00:00.000Z"),
  lastUsedAt: new Date("2026-11-23T11:59:50.000Z"),
  generation: 2,
  previousEnd: "out_of_memory",
  executions: 7,
  runningExecutionId: EXECUTION.id,
  queued: 1,
};

/** Ended by an exception whose message would clear the terminal. */
export const FAILED_EXECUTION: Execution = {
  ...EXECUTION,
  status: "failed",
  startedAt: new Date("2026-11-23T10:00:01.000Z"),
  finishedAt: new Date("2026-11-23T10:00:03.500Z"),
  error: {
    code: "code_raised",
    name: "ValueError",
    message: "no\x1b[2J",
    traceback: [],
    fullTraceback: [],
    hint: "",
  },
  usage: { cpuMs: 120, peakMemoryBytes: 300 * 2 ** 20 },
};

export const FILES: readonly FileEntry[] = [
  {
    path: "outputs/sub",
    type: "directory",
    bytes: 0,
    modifiedAt: new Date("2026-11-23T11:00:00.000Z"),
    mode: 0o755,
  },
  {
    path: "outputs/t.csv",
    type: "file",
    bytes: 1_234,
    modifiedAt: new Date("2026-11-23T11:59:00.000Z"),
    mode: 0o644,
  },
];

/** With a file whose name would colour the terminal. */
export const CHECK: DatasetCheck = {
  attached: RUNNER.datasets[0]!,
  files: 12,
  bytes: 5_400_000,
  truncated: false,
  tables: [{
    path: "2013-*.parquet",
    files: 12,
    rows: 336_776,
    columns: [{ name: "year", type: "int64" }, { name: "time_hour", type: "timestamp[us, tz=UTC]" }],
  }],
  samplePaths: ["2013-01.parquet", "evil\u001b[31m.parquet"],
};

/** A running local grad. */
export const GRAD_STATUS = {
  running: true,
  address: "unix:/run/user/1000/grad/grad.sock",
  stateDir: "/home/ann/.local/state/grad",
  logFile: "/home/ann/.local/state/grad/grad.log",
  pid: 4_242,
  info: INFO,
} as const;

/** Environment variables with the keys of a dataset. */
export const KEYS = {
  AWS_ACCESS_KEY_ID: "KEYOFANN",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG",
  AWS_SESSION_TOKEN: "t0k3n",
} as const;

/** Dataset files of a workspace: one of each type of source. */
export const DATASET_FILES = {
  "datasets/flights.yaml": `apiVersion: gractl/v1
kind: Dataset
name: flights
description: |
  All flights of 2013
  year  of departure
type: s3
s3: {bucket: nyc, prefix: flights, endpoint: "http://127.0.0.1:9000", pathStyle: true}
`,
  "datasets/shelf.yaml":
    "apiVersion: gractl/v1\nkind: Dataset\nname: shelf\ntype: directory\ndirectory: {path: /usr/share}\n",
} as const;

export const DIAGNOSIS: readonly DiagnosticCheck[] = [
  {
    id: "disk",
    title: "disk space",
    state: "warning",
    message: "only 1.5 GiB are free for /home/ann/.local/state/grad",
    hint: "Delete files.",
  },
  { id: "sandbox", title: "sandbox for code", state: "ok", message: "bubblewrap 0.8.0 starts", hint: "" },
];

/** A grad that answers calls about the examples. */
export function exampleGrad(calls: Parameters<typeof fakeGrad>[0] = {}): GradClient & { disposed: number } {
  return fakeGrad({
    system: { diagnose: () => Promise.resolve(DIAGNOSIS), ...calls.system },
    runners: {
      create: () => Promise.resolve({ runner: RUNNER, created: true }),
      get: ({ name }) =>
        Promise.resolve(name === "ended" ? ENDED_RUNNER : name === "paused" ? PAUSED_RUNNER : RUNNER),
      list: () => Promise.resolve([RUNNER, ENDED_RUNNER]),
      destroy: () => Promise.resolve(ENDED_RUNNER),
      pause: () => Promise.resolve(PAUSED_RUNNER),
      resume: () => Promise.resolve({ runner: { ...RUNNER, lostSessions: ["default"] }, resumed: true }),
      logs: () =>
        Promise.resolve([
          { component: "agent", text: '{"event":"agent.ready"}\n', previous: false },
          { component: "kernel", text: "\u001b[2Jgone\n", previous: true },
          { component: "kernel", text: "", previous: false },
        ]),
      ...calls.runners,
    },
    sessions: {
      list: () => Promise.resolve([SESSION]),
      get: () => Promise.resolve(SESSION),
      reset: () => Promise.resolve({ ...SESSION, state: "empty" }),
      delete: () => Promise.resolve(),
      ...calls.sessions,
    },
    executions: {
      list: () => Promise.resolve([FAILED_EXECUTION, EXECUTION]),
      get: () => Promise.resolve(FAILED_EXECUTION),
      interrupt: () => Promise.resolve(EXECUTION),
      readEvents: () => Promise.resolve({ events: [], nextSeq: 1, done: true }),
      ...calls.executions,
    },
    datasets: { check: () => Promise.resolve(CHECK), ...calls.datasets },
    files: { list: () => Promise.resolve({ entries: FILES, truncated: false }), ...calls.files },
  });
}
