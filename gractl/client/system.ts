/** What grad has found out about one thing that it or its runners need. */
export type DiagnosticCheck = Readonly<{
  /** For programs, and the same in every version: [a-z][a-z0-9-]*. */
  id: string;
  /** For people: "sandbox for code". */
  title: string;
  /** `warning`: runners work, with a restriction that `message` states. */
  state: "unspecified" | "ok" | "warning" | "failed";
  message: string;
  /** The next step; empty when nothing is wrong. */
  hint: string;
}>;

/** grad itself. */
export interface SystemCalls {
  /** Lets grad try whatever it and its runners need, which takes up to 30 s. @throws {GradError} only when grad cannot be asked */
  diagnose(signal: AbortSignal): Promise<readonly DiagnosticCheck[]>;
}
