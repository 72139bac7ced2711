/** What a check has found out. It throws a GradError for what is wrong. */
export type Outcome = Readonly<{
  /** `warning`: runners work, with a restriction that `message` states. */
  state: "ok" | "warning";
  message: string;
  hint?: string;
}>;

/** One thing that runners need, and how to try it. */
export type DiagnosticCheck = Readonly<{
  /** For programs, and the same in every version: [a-z][a-z0-9-]*. */
  id: string;
  /** For people: "sandbox for code". */
  title: string;
  /** Tries it. Starts and changes no runner. @throws {GradError} what is wrong, with the next step as its hint */
  run(signal: AbortSignal): Promise<Outcome>;
}>;

/** What a backend needs of its machine or cluster, in the order in which to read it. */
export interface BackendDiagnostics {
  readonly checks: readonly DiagnosticCheck[];
}
