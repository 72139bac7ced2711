import type { DatasetCalls } from "./datasets.ts";
import type { ExecutionCalls } from "./executions.ts";
import type { FileCalls } from "./files.ts";
import type { RunnerCalls } from "./runners.ts";
import type { SessionCalls } from "./sessions.ts";

/** What a grad says of itself. */
export type GradInfo = Readonly<{
  version: string;
  api: number;
  /** "local" or "kubernetes". */
  backend: string;
  /** Who the caller is to grad. */
  owner: string;
  environments: readonly string[];
  /** Process id and start, to tell one grad from another. */
  instance: string;
}>;

/**
 * A grad to talk to. Every call may also throw `grad_unavailable` (no answer), `grad_busy`, `version_mismatch`,
 * `unauthenticated`, `permission_denied` and `cancelled` (the signal's reason).
 */
export interface GradClient extends AsyncDisposable {
  /** From the handshake with which the connection began. */
  readonly info: GradInfo;
  readonly runners: RunnerCalls;
  readonly sessions: SessionCalls;
  readonly executions: ExecutionCalls;
  readonly datasets: DatasetCalls;
  readonly files: FileCalls;
}
