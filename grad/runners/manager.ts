import { abortable } from "../../shared/abort.ts";
import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";
import type { Rooms, RunnerBackend, RunnerRecords } from "./backend.ts";
import { type Change, changeRecord } from "./change_record.ts";
import { endRunner } from "./end_runner.ts";
import { type Environments, fillSpec, sameSpec } from "./environments.ts";
import { KeyedMutex } from "./keyed_mutex.ts";
import { runnerId, runnerOfExecution } from "./names.ts";
import { reach } from "./reach.ts";
import { isForgotten, type RunnerRecord, type RunnerRef, type RunnerSpec } from "./runner.ts";
import { type RunnerView, viewRunner } from "./runner_view.ts";
import { startFailure, startRunner, waitUntilReady } from "./start_runner.ts";
import { tellIfSlow } from "./tell_if_slow.ts";

export type ManagerOptions = Readonly<{
  records: RunnerRecords;
  backend: RunnerBackend;
  environments: Environments;
  clock: Clock;
  log: Logger;
}>;

/** A runner that is ready, as far as is known. */
export type Ensured = Readonly<{ record: RunnerRecord; rooms: Rooms; created: boolean }>;

/** Finds, makes and ends runners. Keeps nothing that a new grad would miss: records and rooms are asked again. */
export class RunnerManager {
  readonly #options: ManagerOptions;
  readonly #mutex = new KeyedMutex();
  /** Rooms that were ready when last used: spares the warm path an inspection. */
  readonly #warm = new Set<string>();
  readonly #starting = new Map<string, AbortController>();

  constructor(options: ManagerOptions) {
    this.#options = options;
  }

  get environments(): readonly string[] {
    return [...this.#options.environments.keys()];
  }

  /** Finishes what a grad before this one began to end, and forgets old tombstones. */
  async recover(): Promise<void> {
    for (const record of await this.#options.records.list()) {
      if (isForgotten(record, this.#options.clock.now())) await this.#options.records.remove(record.id);
      else if (record.phase === "destroying") await this.#end(record, "grad").catch(() => {});
    }
  }

  /**
   * Makes the runner unless it is ready; down rooms are started over the same files. The work goes on when `signal` aborts.
   * @param asked used when the runner is made
   */
  async ensure(
    owner: string,
    ref: RunnerRef,
    asked: RunnerSpec | undefined,
    signal: AbortSignal,
  ): Promise<Ensured> {
    const id = runnerId(owner, ref);
    const { records, backend } = this.#options;
    const known = await records.read(id);
    if (known !== undefined) authorize(known, owner);
    if (known?.phase === "ready" && this.#warm.has(id)) {
      return { record: known, rooms: backend.rooms(id), created: false };
    }
    const work = this.#mutex.run(id, async () => {
      const { record, created } = await this.#find(id, owner, ref, asked);
      return { record: await this.#makeReady(record), rooms: backend.rooms(id), created };
    });
    return await abortable(work, signal);
  }

  /** As {@link ensure}; @throws {GradError} `runner_exists` where it was made from another specification */
  async create(
    owner: string,
    ref: RunnerRef,
    asked: RunnerSpec | undefined,
    signal: AbortSignal,
  ): Promise<Ensured> {
    const ensured = await this.ensure(owner, ref, asked, signal);
    if (ensured.created || sameSpec(ensured.record.spec, fillSpec(asked, this.#options.environments))) {
      return ensured;
    }
    throw new GradError(
      "runner_exists",
      `Cannot create the runner "${ref.name}": it exists with another specification`,
      {
        hint: "Destroy it first, or choose another name.",
      },
    );
  }

  /** The living runner of that name, whatever its rooms do. @throws {GradError} `runner_not_found` */
  async existing(owner: string, ref: RunnerRef): Promise<RunnerRecord> {
    const record = await this.#read(owner, ref);
    if (record.phase !== "destroyed") return record;
    const ended = new Date(record.tombstone?.endedAtMs ?? 0).toISOString();
    throw new GradError(
      "runner_not_found",
      `Cannot use the runner "${ref.name}": it was ${record.tombstone?.reason} at ${ended}`,
      {
        hint: "`gractl execute-code` makes a new one of that name.",
      },
    );
  }

  /** The living runner that an execution's id names. @throws {GradError} `execution_not_found`, `permission_denied` */
  async ofExecution(owner: string, executionId: string): Promise<RunnerRecord> {
    const record = await this.#options.records.read(runnerOfExecution(executionId));
    if (record === undefined || record.phase === "destroyed") {
      throw new GradError(
        "execution_not_found",
        `Cannot find the execution "${executionId}": its runner is gone`,
        {
          hint: "See `gractl runner list`.",
        },
      );
    }
    return authorize(record, owner);
  }

  /** See {@link reach}: for calls that may be repeated and never start rooms. */
  reach<T>(record: RunnerRecord, call: (rooms: Rooms) => Promise<T>, signal: AbortSignal): Promise<T> {
    return reach(this.#options.backend, record, call, { clock: this.#options.clock, signal });
  }

  /** Shows `message` as what the runner is doing, if that takes long; until the answer is called. */
  tell(record: RunnerRecord, message: string): () => Promise<void> {
    return tellIfSlow(this.#options.records, record.id, message, this.#options.clock);
  }

  /** To be called when the rooms did not answer: the next {@link ensure} looks at them again. */
  suspect(id: string): void {
    this.#warm.delete(id);
  }

  async view(owner: string, ref: RunnerRef, signal: AbortSignal): Promise<RunnerView> {
    return await this.viewOf(await this.#read(owner, ref), signal);
  }

  async viewOf(record: RunnerRecord, signal: AbortSignal): Promise<RunnerView> {
    const { backend, clock } = this.#options;
    return await viewRunner(backend, record, { nowMs: clock.now(), signal });
  }

  async list(
    owner: string,
    which: Readonly<{ workspaceId: string; includeEnded: boolean }>,
    signal: AbortSignal,
  ): Promise<readonly RunnerView[]> {
    const { records, clock } = this.#options;
    const mine = (await records.list()).filter((record) =>
      record.owner === owner && !isForgotten(record, clock.now()) &&
      (which.workspaceId === "" || record.ref.workspaceId === which.workspaceId) &&
      (which.includeEnded || record.phase !== "destroyed")
    ).sort((a, b) => compare(a.ref.name, b.ref.name) || compare(a.id, b.id));
    return await Promise.all(mine.map((record) => this.viewOf(record, signal)));
  }

  /** Ends the runner in every phase; the end goes on when the caller leaves. @throws {GradError} `runner_busy` */
  async destroy(
    owner: string,
    ref: RunnerRef,
    options: { force: boolean; signal: AbortSignal },
  ): Promise<RunnerRecord> {
    const record = await this.#read(owner, ref);
    if (record.phase === "destroyed") return record;
    const view = await this.viewOf(record, options.signal);
    const active = view.info?.activeExecutions ?? 0;
    if (active > 0 && !options.force) {
      throw new GradError(
        "runner_busy",
        `Cannot destroy the runner "${ref.name}": ${active} execution(s) are queued or running`,
        {
          hint: "Wait, interrupt them, or add `--force`.",
        },
      );
    }
    const { lastActiveAtMs, lastActivity } = view;
    return await abortable(this.#end(record, owner, { lastActiveAtMs, lastActivity }), options.signal);
  }

  async #end(record: RunnerRecord, endedBy: string, last?: Change): Promise<RunnerRecord> {
    const { id, ref } = record;
    this.suspect(id);
    this.#starting.get(id)?.abort(
      new GradError("runner_unavailable", `Cannot start the runner "${ref.name}": it is being destroyed`),
    );
    const { records, backend, clock, log } = this.#options;
    return await this.#mutex.run(id, async () => {
      this.suspect(id);
      const ended = await endRunner(records, backend, { id, endedBy, clock, last });
      log.info("runner.destroyed", { runner: id, by: endedBy });
      return ended;
    });
  }

  async #read(owner: string, ref: RunnerRef): Promise<RunnerRecord> {
    const record = await this.#options.records.read(runnerId(owner, ref));
    if (record !== undefined && !isForgotten(record, this.#options.clock.now())) {
      return authorize(record, owner);
    }
    throw new GradError(
      "runner_not_found",
      `Cannot find the runner "${ref.name}" in workspace ${ref.workspaceId}`,
      {
        hint: "See `gractl runner list`; `gractl execute-code` makes one by itself.",
      },
    );
  }

  /** The record of a runner that is to be: the one there is, or a new one. Holds the mutex. */
  async #find(id: string, owner: string, ref: RunnerRef, asked: RunnerSpec | undefined) {
    const { records, backend, environments, clock, log } = this.#options;
    const stored = await records.read(id);
    if (stored?.phase === "destroying") await endRunner(records, backend, { id, endedBy: owner, clock });
    if (stored !== undefined && stored.phase !== "destroyed" && stored.phase !== "destroying") {
      return { record: stored, created: false };
    }
    const spec = fillSpec(asked, environments);
    if (stored !== undefined) await records.remove(id);
    const record = newRecord({ id, owner, ref, spec, nowMs: clock.now() });
    if (await records.create(record)) {
      log.info("runner.created", { runner: id, name: ref.name, environment: spec.environment });
      return { record, created: true };
    }
    // Another grad was faster: then it is that one's.
    return { record: await records.read(id) ?? record, created: false };
  }

  /** Holds the mutex. */
  async #makeReady(record: RunnerRecord): Promise<RunnerRecord> {
    const { id } = record;
    const { records, backend, clock, log } = this.#options;
    const stop = new AbortController();
    this.#starting.set(id, stop);
    const change = (phase: "creating" | "ready" | "failed", phaseMessage: string) =>
      changeRecord(records, id, () => ({ phase, phaseMessage }), clock.now());
    const startedAt = clock.now();
    try {
      const up = await backend.inspect(id) !== undefined;
      if (up && record.phase === "ready") {
        await waitUntilReady(backend, record, { clock, signal: stop.signal });
      } else {
        const progress = (message: string) => change("creating", message);
        await startRunner(backend, record, { clock, progress, signal: stop.signal });
        record = await change("ready", "");
        log.info("runner.ready", { runner: id, ms: clock.now() - startedAt });
      }
      this.#warm.add(id);
      return record;
    } catch (thrown) {
      const failure = startFailure(record, thrown);
      log.error("runner.failed", failure, { runner: id });
      if (!stop.signal.aborted) {
        await backend.stop(id).catch(() => {});
        await change("failed", failure.message).catch(() => {});
      }
      throw failure;
    } finally {
      this.#starting.delete(id);
    }
  }
}

function authorize(record: RunnerRecord, owner: string): RunnerRecord {
  if (record.owner === owner) return record;
  throw new GradError("permission_denied", `Cannot use the runner ${record.id}: it belongs to another owner`);
}

function newRecord(
  made: Pick<RunnerRecord, "id" | "owner" | "ref" | "spec"> & { nowMs: number },
): RunnerRecord {
  const { id, owner, ref, spec, nowMs } = made;
  return {
    version: 1,
    revision: 1,
    id,
    ref,
    owner,
    phase: "creating",
    phaseMessage: "",
    spec,
    createdAtMs: nowMs,
    changedAtMs: nowMs,
    lastActiveAtMs: nowMs,
    lastActivity: "explicit",
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
