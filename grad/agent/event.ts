/**
 * What happened in an execution, in order: grad.v1.Event. The shapes are those of the wire, because there are many events and grad hands
 * them on unread.
 */
import type { ExecutionError, Truncated, Usage } from "./execution.ts";

export interface MimePart {
  mediaType: string;
  data: Uint8Array;
  path: string;
  bytes: bigint;
}

export interface MimeBundle {
  parts: MimePart[];
  displayId: string;
  update: boolean;
}

export type EventKind =
  | { $case: "queued"; value: { ahead: number } }
  | { $case: "started"; value: { generation: number; freshKernel: boolean; previousEnd: string } }
  | { $case: "stdout" | "stderr"; value: { data: Uint8Array } }
  | { $case: "display" | "result"; value: MimeBundle }
  | { $case: "error"; value: ExecutionError }
  | { $case: "artifact"; value: { path: string; bytes: bigint; sha256: string; mediaType: string } }
  | { $case: "gap"; value: { of: string; amount: bigint; path: string } }
  | { $case: "finished"; value: Finished }
  | { $case: "clearOutput"; value: { wait: boolean } };

export interface Finished {
  /** The number of a grad.v1.ExecutionStatus: events are not converted. */
  status: number;
  durationMs: bigint;
  usage?: Usage | undefined;
  truncated?: Truncated | undefined;
}

export interface Event {
  seq: bigint;
  time?: Date | undefined;
  kind?: EventKind | undefined;
}

/** A bounded batch from a cursor; `done` when `finished` is before `nextSeq`. */
export interface EventBatch {
  events: Event[];
  nextSeq: bigint;
  done: boolean;
}
