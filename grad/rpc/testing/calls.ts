import type { RunnerRef } from "../../../proto/gen/grad/v1/runner.ts";
import { call, type clients } from "./clients.ts";

type Clients = ReturnType<typeof clients>;

export const SOME_DATASET = {
  name: "d",
  description: "",
  access: 1,
  source: { $case: "directory" as const, value: { path: "/" } },
};

/** A request to execute code in the default session; answers when the code has ended, at the latest after a second. */
export function execute(
  runner: RunnerRef,
  code: string,
  changes: { idempotencyKey?: string; datasets?: typeof SOME_DATASET[]; requiredDatasets?: string[] } = {},
) {
  return {
    runner,
    session: "",
    kernel: "",
    idempotencyKey: "0123456789abcdef",
    code,
    paramsJson: "",
    codeName: "",
    columns: 0,
    deadlineMs: 0,
    datasets: [],
    requiredDatasets: [],
    keepOtherDatasets: false,
    waitMs: 1_000,
    maxBytes: 0,
    ...changes,
  };
}

/** A call of each method that names a runner or an execution, by the method's name. */
export function runnerCalls(
  ref: RunnerRef,
  executionId: string,
): Readonly<Record<string, (all: Clients) => Promise<unknown>>> {
  const file = { runner: ref, path: "code/x" };
  return {
    CreateRunner: ({ runner }) => call(runner.createRunner.bind(runner), { ref }),
    GetRunner: ({ runner }) => call(runner.getRunner.bind(runner), { ref }),
    DestroyRunner: ({ runner }) => call(runner.destroyRunner.bind(runner), { ref, force: true }),
    PauseRunner: ({ runner }) => call(runner.pauseRunner.bind(runner), { ref, force: true }),
    ResumeRunner: ({ runner }) => call(runner.resumeRunner.bind(runner), { ref }),
    ReadRunnerLogs: ({ runner }) =>
      call(runner.readRunnerLogs.bind(runner), { ref, component: "", maxLines: 0 }),
    Execute: ({ execution }) => call(execution.execute.bind(execution), execute(ref, "1")),
    ReadEvents: ({ execution: client }) =>
      call(client.readEvents.bind(client), { executionId, fromSeq: 1n, maxBytes: 0, waitMs: 0 }),
    GetExecution: ({ execution: client }) => call(client.getExecution.bind(client), { executionId }),
    ListExecutions: ({ execution: client }) =>
      call(client.listExecutions.bind(client), { runner: ref, session: "", limit: 0 }),
    InterruptExecution: ({ execution: client }) =>
      call(client.interruptExecution.bind(client), { executionId, force: false, waitMs: 0 }),
    ListSessions: ({ session }) => call(session.listSessions.bind(session), { runner: ref }),
    GetSession: ({ session }) => call(session.getSession.bind(session), { runner: ref, name: "default" }),
    ResetSession: ({ session }) =>
      call(session.resetSession.bind(session), { runner: ref, name: "default", kernel: "" }),
    DeleteSession: ({ session }) =>
      call(session.deleteSession.bind(session), { runner: ref, name: "default", force: false }),
    CheckDataset: ({ dataset: client }) =>
      call(client.checkDataset.bind(client), { runner: ref, dataset: SOME_DATASET, maxFiles: 0 }),
    ListFiles: ({ file: client }) => call(client.listFiles.bind(client), { ...file, recursive: false }),
    ReadFile: ({ file: client }) =>
      call(client.readFile.bind(client), { ...file, offset: 0n, maxBytes: 0, revision: "" }),
    BeginUpload: ({ file: client }) =>
      call(client.beginUpload.bind(client), { ...file, totalBytes: 0n, sha256: "", mode: 0 }),
    WriteUpload: ({ file: client }) =>
      call(client.writeUpload.bind(client), {
        runner: ref,
        uploadId: "u",
        offset: 0n,
        data: new Uint8Array(),
      }),
    FinishUpload: ({ file: client }) =>
      call(client.finishUpload.bind(client), { runner: ref, uploadId: "u" }),
  };
}
