/** Every method of grad's own services by its bare name, which is unique among them. A closed set: logs and metrics use it as a label. */
export const METHODS = [
  "Handshake",
  "Diagnose",
  "CreateRunner",
  "GetRunner",
  "ListRunners",
  "DestroyRunner",
  "PauseRunner",
  "ResumeRunner",
  "ReadRunnerLogs",
  "WatchRunners",
  "Execute",
  "ReadEvents",
  "GetExecution",
  "ListExecutions",
  "InterruptExecution",
  "ListSessions",
  "GetSession",
  "ResetSession",
  "CheckDataset",
  "ListFiles",
  "ReadFile",
  "BeginUpload",
  "WriteUpload",
  "FinishUpload",
] as const;

export type Method = typeof METHODS[number];
