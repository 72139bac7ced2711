import type { CallContext } from "../auth/call_context.ts";
import { abortable } from "../../shared/abort.ts";
import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";
import type { Components, RunnerBackend, RunnerRecords } from "./backend.ts";
import { type Change, changeRecord } from "./change_record.ts";
import { endRunner } from "./end_runner.ts";
import { type Environments, fillSpec, sameSpec } from "./environments.ts";
import { KeyedMutex } from "./keyed_mutex.ts";
import { runnerId } from "./names.ts";
import { reach } from "./reach.ts";
import { isForgotten, type RunnerRecord, type RunnerRef, type RunnerSpec } from "./runner.ts";
import { authorize, RunnerFinder } from "./runner_finder.ts";
import { startFailure, startRunner, waitUntilReady } from "./start_runner.ts";
import { reportIfSlow } from "./report_if_slow.ts";

export type ManagerOptions = Readonly<{
  records: RunnerRecords;
  backend: RunnerBackend;
  environments: Environments;
  clock: Clock;
  log: Logger;
}>;

/** A runner that is ready, as far as is known. */
export type Ensured = Readonly<{ record: RunnerRecord; components: Components; created: boolean }>;

/** Makes and ends runners, and finds them by {@link RunnerFinder}. Keeps nothing that a new grad would miss: records and components are asked again. */
export class RunnerManager {
  readonly find: RunnerFinder;
  readonly #options: ManagerOptions;
  readonly #mutex = new KeyedMutex();
  /** Components that were ready when last used: spares the warm path an inspection. */
  readonly #warm = new Set<string>();
  readonly #starting = new Map<string, AbortController>();

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.find = new RunnerFinder(options);
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
   * Makes the runner unless it is ready; down components are started over the same files. The work goes on when the context's signal aborts.
   * @param asked used when the runner is made
   */
  async ensure(
    context: CallContext,
    ref: RunnerRef,
    asked: RunnerSpec | undefined,
  ): Promise<Ensured> {
    const { caller: { owner }, signal } = context;
    const id = runnerId(owner, ref);
    const { records, backend } = this.#options;
    const known = await records.read(id);
    if (known !== undefined) authorize(known, owner);
    if (known?.phase === "ready" && this.#warm.has(id)) {
      return { record: known, components: backend.components(id), created: false };
    }
    const work = this.#mutex.run(id, async () => {
      const { record, created } = await this.#find(id, owner, ref, asked);
      return { record: await this.#makeReady(record), components: backend.components(id), created };
    });
    return await abortable(work, signal);
  }

  /** As {@link ensure}; @throws {GradError} `runner_exists` where it was made from another specification */
  async create(
    context: CallContext,
    ref: RunnerRef,
    asked: RunnerSpec | undefined,
  ): Promise<Ensured> {
    const ensured = await this.ensure(context, ref, asked);
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

  /** See {@link reach}: for calls that may be repeated and never start components. */
  reach<T>(
    { signal }: CallContext,
    record: RunnerRecord,
    call: (components: Components) => Promise<T>,
  ): Promise<T> {
    return reach(this.#options.backend, record, call, { clock: this.#options.clock, signal });
  }

  /** Shows `message` as what the runner is doing, if that takes long; until the answer is called. */
  tell(record: RunnerRecord, message: string): () => Promise<void> {
    return reportIfSlow(this.#options.records, record.id, message, this.#options.clock);
  }

  /** To be called when the components did not answer: the next {@link ensure} looks at them again. */
  invalidate(id: string): void {
    this.#warm.delete(id);
  }

  /** Ends the runner in every phase; the end goes on when the caller leaves. @throws {GradError} `runner_busy` */
  async destroy(
    context: CallContext,
    ref: RunnerRef,
    options: { force: boolean },
  ): Promise<RunnerRecord> {
    const record = await this.find.any(context, ref);
    if (record.phase === "destroyed") return record;
    const view = await this.find.viewOf(context, record);
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
    const { caller: { owner }, signal } = context;
    return await abortable(this.#end(record, owner, { lastActiveAtMs, lastActivity }), signal);
  }

  async #end(record: RunnerRecord, endedBy: string, last?: Change): Promise<RunnerRecord> {
    const { id, ref } = record;
    this.invalidate(id);
    this.#starting.get(id)?.abort(
      new GradError("runner_unavailable", `Cannot start the runner "${ref.name}": it is being destroyed`),
    );
    const { records, backend, clock, log } = this.#options;
    return await this.#mutex.run(id, async () => {
      this.invalidate(id);
      const ended = await endRunner(records, backend, { id, endedBy, clock, last });
      log.info("runner.destroyed", { runner: id, by: endedBy });
      return ended;
    });
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
