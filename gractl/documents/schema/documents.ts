import type { z } from "zod";
import { contextList, contextRemoval, login } from "./context_schema.ts";
import { dataset, datasetCheck, datasetList } from "./dataset_schema.ts";
import { event } from "./event_schema.ts";
import { execution, executionList } from "./execution_schema.ts";
import { file, fileList } from "./file_schema.ts";
import { candidates, completion, doctor, error, gradStatus, version } from "./program_schema.ts";
import { runner, runnerList, runnerLogs } from "./runner_schema.ts";
import { session, sessionList } from "./session_schema.ts";
import { config, workspace, workspaceStatus, workspaceTrust } from "./workspace_schema.ts";

/**
 * The fields of every kind of document that gractl prints: the source of `docs/schema/`, and of the types that rendering has to
 * satisfy. gractl itself imports only the types, since zod is slow to load.
 */
export const DOCUMENTS = {
  Candidates: candidates,
  Completion: completion,
  Config: config,
  ContextList: contextList,
  ContextRemoval: contextRemoval,
  Dataset: dataset,
  DatasetCheck: datasetCheck,
  DatasetList: datasetList,
  Doctor: doctor,
  Error: error,
  Event: event,
  Execution: execution,
  ExecutionList: executionList,
  File: file,
  FileList: fileList,
  GradStatus: gradStatus,
  Login: login,
  Runner: runner,
  RunnerList: runnerList,
  RunnerLogs: runnerLogs,
  Session: session,
  SessionList: sessionList,
  Version: version,
  Workspace: workspace,
  WorkspaceStatus: workspaceStatus,
  WorkspaceTrust: workspaceTrust,
} as const;

export type DocumentKind = keyof typeof DOCUMENTS;

type DeepReadonly<Value> = Value extends readonly (infer Item)[] ? readonly DeepReadonly<Item>[]
  : Value extends object ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
  : Value;

/** The fields of a document, without `apiVersion` and `kind`. */
export type DocumentFields<Kind extends DocumentKind> = DeepReadonly<z.output<typeof DOCUMENTS[Kind]>>;

/** One item of a list. */
export type ItemFields<Kind extends DocumentKind> = DocumentFields<Kind> extends
  { readonly items: readonly (infer Item)[] } ? Item : never;
