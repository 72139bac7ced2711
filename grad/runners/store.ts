import type { Claim, RecordSpec, RunnerRecord, RunnerStatus } from "./runner.ts";

/** A record as it was read, with the opaque version that a change of it has to name. */
export type Versioned = Readonly<{ record: RunnerRecord; version: string }>;

/**
 * What one update changes: what the owner wants, or what was observed and who works on it. Never both at once: Kubernetes keeps
 * `status` apart from `spec`. A `claim` of `null` takes the claim away; one that is absent stays.
 */
export type RecordChange =
  | Readonly<{ spec: RecordSpec }>
  | Readonly<{ status: RunnerStatus; claim?: Claim | null }>;

/**
 * Where records are kept, for all instances of grad. Every read goes to the store: implementations must not cache.
 * @throws {Error} of the store itself when it does not answer
 */
export interface RunnerStore {
  /** Writes the record unless there is one of its id; `undefined` when there is. Of two callers one succeeds. */
  create(record: RunnerRecord): Promise<Versioned | undefined>;
  get(id: string): Promise<Versioned | undefined>;
  list(): Promise<readonly Versioned[]>;
  /** Changes the record if `version` is still the stored one; `undefined` when it is not, or the record is gone. */
  update(id: string, version: string, change: RecordChange): Promise<Versioned | undefined>;
  /** Deletes the record if `version` is still the stored one; false when it is not. */
  delete(id: string, version: string): Promise<boolean>;
  /**
   * The ids of records as they change, from now until `signal` aborts. Changes may be reported twice, late, or merged into one: the
   * reader gets the record, and also polls.
   */
  watch(signal: AbortSignal): AsyncIterable<string>;
}

/** The record after a change. Pure: what every store writes. A change of the spec is a new generation. */
export function changed(record: RunnerRecord, change: RecordChange): RunnerRecord {
  if ("spec" in change) return { ...record, spec: change.spec, generation: record.generation + 1 };
  const { status, claim } = change;
  const { claim: before, ...rest } = record;
  const after = claim === undefined ? before : claim ?? undefined;
  return after === undefined ? { ...rest, status } : { ...rest, status, claim: after };
}
