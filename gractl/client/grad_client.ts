import type { DatasetCalls } from "./datasets.ts";
import type { ExecutionCalls } from "./executions.ts";
import type { FileCalls } from "./files.ts";
import type { RunnerCalls } from "./runners.ts";
import type { SessionCalls } from "./sessions.ts";
import type { SystemCalls } from "./system.ts";

/** Grad's description of itself. */
export type GradInfo = Readonly<{
  version: string;
  api: number;
  /** "local" or "kubernetes". */
  backend: string;
  /** The identity of the caller, as grad sees it. */
  owner: string;
  environments: readonly string[];
  /** Identifies one process of grad: its process id and start time. */
  instance: string;
}>;

/**
 * A connection to grad. Every call may also throw `grad_unavailable` (no response), `grad_busy`, `version_mismatch`,
 * `unauthenticated`, `permission_denied` and the reason of its signal, mostly `cancelled`.
 */
export interface GradClient extends AsyncDisposable {
  /** From the handshake of the connection. */
  readonly info: GradInfo;
  readonly system: SystemCalls;
  readonly runners: RunnerCalls;
  readonly sessions: SessionCalls;
  readonly executions: ExecutionCalls;
  readonly datasets: DatasetCalls;
  readonly files: FileCalls;
}
