import { abortable } from "../../shared/abort.ts";
import { GradError } from "../../shared/errors.ts";
import type { Agent } from "../agent/agent.ts";
import type { CallContext, Caller } from "../auth/call_context.ts";
import type { ComponentLog, Components } from "./backend.ts";
import { type Environments, fillSpec, sameSpec } from "./environments.ts";
import { authorize, requestedOwner, RunnerFinder, type Selection } from "./finder.ts";
import { releaseCode } from "./hold_code.ts";
import { mayPause } from "./may_pause.ts";
import { runnerId } from "./names.ts";
import { pause } from "./pause.ts";
import { isUnavailable, reach } from "./reach.ts";
import { Reconciler, type ReconcilerOptions } from "./reconciler.ts";
import { reportStage } from "./report_stage.ts";
import {
  isAsked,
  newRecord,
  type RequestedRef,
  type RunnerRecord,
  type RunnerRef,
  type RunnerSpec,
} from "./runner.ts";
import type { Stage } from "./stages.ts";
import type { Versioned } from "./store.ts";
import { recordedFailure, waitUntilReady } from "./wait_until_ready.ts";
import { type WatchedRunners, watchRunners } from "./watch_runners.ts";

export type ServiceOptions = ReconcilerOptions & Readonly<{ environments: Environments }>;

/** A runner that is ready as far as its record says, and a way to its components. */
export type Ensured = Readonly<{
  record: RunnerRecord;
  components: Components;
  created: boolean;
  /** It was paused, and this call has resumed it. */
  resumed: boolean;
}>;

/** A runner to make ready. */
type Wanted = Readonly<{
  id: string;
  caller: Caller;
  ref: RunnerRef;
  /** Used when it is made, with whose it is then. Without it, it is not made. */
  make: Readonly<{ owner: string; asked: RunnerSpec | undefined }> | undefined;
}>;

export type EnsureOptions = Readonly<{
  /** Ask the backend whether the components run, even if the record says so: for example after a call that did not reach them. */
  verify?: boolean;
  /** Start the components of a runner that exists; make none. */
  existing?: boolean | undefined;
}>;

/**
 * Makes, ends and finds the caller's runners. It writes what is wanted into records; {@link Reconciler} does the work. Nothing that
 * is true only in this process's memory decides anything: several instances serve the same runners.
 */
export class RunnerService {
  readonly find: RunnerFinder;
  readonly reconciler: Reconciler;
  readonly #options: ServiceOptions;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.find = new RunnerFinder(options);
    this.reconciler = new Reconciler(options);
  }

  get environments(): readonly string[] {
    return [...this.#options.environments.keys()];
  }

  /**
   * Makes the runner unless it is ready; components that are down are started over the same files. The work goes on when the caller
   * leaves.
   * @param asked used when the runner is made
   * @throws {GradError} why it cannot be made ready, `runner_not_found` where one must exist, `permission_denied`, or the reason of the
   *   context's signal
   */
  async ensure(
    context: CallContext,
    ref: RequestedRef,
    asked: RunnerSpec | undefined,
    options: EnsureOptions = {},
  ): Promise<Ensured> {
    const { caller } = context;
    const owner = requestedOwner(caller, ref);
    const id = runnerId(owner, ref);
    // The common case costs one read.
    const known = await this.#options.store.get(id);
    if (known !== undefined) authorize(known.record, caller);
    if (known !== undefined && isUsable(known.record) && !options.verify) {
      const components = await this.#connect(known.record).catch(unlessUnavailable);
      // Without an address the components have ended since the record was written.
      if (components !== undefined) {
        return { record: known.record, components, created: false, resumed: false };
      }
    }
    if (options.existing) await this.find.existing(context, ref);
    const make = options.existing ? undefined : { owner, asked };
    const work = this.#makeReady({ id, caller, ref, make });
    const { record, ...made } = await abortable(work, context.signal);
    return { record, components: await this.#connect(record), ...made };
  }

  /** As {@link ensure}. @throws {GradError} `runner_exists` where it was made from another specification */
  async create(context: CallContext, ref: RequestedRef, asked: RunnerSpec | undefined): Promise<Ensured> {
    const ensured = await this.ensure(context, ref, asked, { verify: true });
    if (ensured.created || sameSpec(ensured.record.spec, fillSpec(asked, this.#options.environments))) {
      return ensured;
    }
    throw new GradError(
      "runner_exists",
      `Cannot create the runner "${ref.name}": it exists with another specification`,
      { hint: "Destroy it first, or choose another name." },
    );
  }

  /**
   * Ends the components and keeps the files; goes on when the caller leaves.
   * @throws {GradError} unless `force`: `runner_busy`, `variables_at_risk`; `runner_not_found`, `runner_unavailable`
   */
  async pause(
    context: CallContext,
    ref: RequestedRef,
    { force }: Readonly<{ force: boolean }>,
  ): Promise<RunnerRecord> {
    const { owner } = context.caller;
    const record = await this.find.existing(context, ref);
    return await abortable(
      force ? this.#pause(record, owner) : this.#pauseUnlessUsed(record, owner),
      context.signal,
    );
  }

  /** As {@link ensure}, for a runner that exists. @throws {GradError} `runner_not_found`, and as `ensure` */
  async resume(
    context: CallContext,
    ref: RequestedRef,
  ): Promise<Readonly<{ record: RunnerRecord; resumed: boolean }>> {
    const { id, status } = await this.find.existing(context, ref);
    const work = this.#makeReady({ id, caller: context.caller, ref, make: undefined });
    const { record } = await abortable(work, context.signal);
    return { record, resumed: status.phase !== "ready" };
  }

  /** The last lines that the components logged. @throws {GradError} `runner_not_found`, `invalid_argument` */
  async logs(
    context: CallContext,
    ref: RequestedRef,
    { component, maxLines }: Readonly<{ component: string; maxLines: number }>,
  ): Promise<readonly ComponentLog[]> {
    const { backend } = this.#options;
    const { id } = await this.find.any(context, ref);
    if (component !== "" && !backend.components.includes(component)) {
      throw new GradError(
        "invalid_argument",
        `Cannot read the log of the component ${JSON.stringify(component.slice(0, 40))}: there is none`,
        { hint: `The components are: ${backend.components.join(", ")}.` },
      );
    }
    const components = component === "" ? backend.components : [component];
    const lines = Math.min(maxLines || DEFAULT_LOG_LINES, MAX_LOG_LINES);
    return (await Promise.all(components.map((name) => backend.readLogs(id, name, lines)))).flat();
  }

  /** See {@link watchRunners}. */
  watch(
    context: CallContext,
    request: Selection & Readonly<{ cursor: string; waitMs: number }>,
  ): Promise<WatchedRunners> {
    const { clock } = this.#options;
    return watchRunners(context, request, { find: this.find, changes: this.reconciler.changes, clock });
  }

  /** See {@link reach}: for calls that may be repeated and never start components. */
  reach<T>(
    context: CallContext,
    record: RunnerRecord,
    call: (components: Components) => Promise<T>,
  ): Promise<T> {
    const { backend, clock } = this.#options;
    return reach(backend, record, call, { clock, signal: context.signal });
  }

  /** Asks the agent of the living runner of that name; never starts components. @throws {GradError} `runner_not_found` */
  async ask<T>(
    context: CallContext,
    ref: RequestedRef,
    call: (agent: Agent, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const record = await this.find.existing(context, ref);
    return await this.reach(context, record, ({ agent }) => call(agent, context.signal));
  }

  /** See {@link reportStage}. */
  report(record: RunnerRecord, stage: Stage): () => Promise<void> {
    const { store, clock } = this.#options;
    return reportStage(store, record.id, stage, clock);
  }

  /** Ends the runner in every phase; the end goes on when the caller leaves. @throws {GradError} `runner_busy` */
  async destroy(
    context: CallContext,
    ref: RequestedRef,
    { force }: Readonly<{ force: boolean }>,
  ): Promise<RunnerRecord> {
    const { owner } = context.caller;
    const record = await this.find.any(context, ref);
    if (record.status.phase === "destroyed") return record;
    const view = await this.find.viewOf(context, record);
    const active = view.info?.activeExecutions ?? 0;
    if (active > 0 && !force) {
      throw new GradError(
        "runner_busy",
        `Cannot destroy the runner "${ref.name}": ${active} execution(s) are queued or running`,
        { hint: "Wait, interrupt them, or add `--force`." },
      );
    }
    return await abortable(this.#destroy(record.id, owner), context.signal);
  }

  #pause({ id }: RunnerRecord, owner: string): Promise<RunnerRecord> {
    const { store, clock } = this.#options;
    return pause(id, { store, reconciler: this.reconciler, clock, owner });
  }

  /** No code is accepted from the question whether something would be lost until the components end, or the pause is given up. */
  async #pauseUnlessUsed(record: RunnerRecord, owner: string): Promise<RunnerRecord> {
    const { backend, ids } = this.#options;
    const holder = ids.random(16);
    await mayPause(backend, record, holder);
    try {
      return await this.#pause(record, owner);
    } catch (thrown) {
      await releaseCode(backend, record, holder);
      throw thrown;
    }
  }

  #connect(record: RunnerRecord): Promise<Components> {
    return this.#options.backend.connect(record);
  }

  async #makeReady(
    wanted: Wanted,
  ): Promise<{ record: RunnerRecord; created: boolean; resumed: boolean }> {
    const { store, backend, clock } = this.#options;
    const { id, caller, ref, make } = wanted;
    let [created, resumed] = [false, false];
    // The generation that this call waits for: the outcome of an older one says nothing about it.
    let asked: number | undefined;
    for (;;) {
      const stored = await store.get(id);
      if (make === undefined && (stored === undefined || stored.record.status.phase === "destroyed")) {
        throw new GradError("runner_not_found", `Cannot use the runner "${ref.name}": it has ended`);
      }
      if (stored === undefined) {
        const made = await this.#create(id, ref, make!);
        if (made !== undefined) [created, asked] = [true, made.record.generation];
        continue;
      }
      const { record } = stored;
      authorize(record, caller);
      const { phase, observedGeneration } = record.status;
      if (record.deleted && phase === "destroyed") {
        // Nothing of it stays: then the name is used for a new record.
        await this.reconciler.reconcile(id);
        continue;
      }
      if (asked !== undefined && record.spec.desired === "destroyed") throw overtaken(record);
      if (phase === "ready" && record.spec.desired === "running") {
        const report = () => Promise.resolve();
        // A runner that has just become ready need not be observed again.
        if (asked !== undefined && observedGeneration >= asked) return { record, created, resumed };
        if ((await backend.observe(id)).state !== "absent") {
          await waitUntilReady(backend, record, { clock, signal: NEVER, report });
          return { record, created, resumed };
        }
      }
      if (phase === "failed" && asked !== undefined && observedGeneration >= asked) {
        throw recordedFailure(record);
      }
      if (phase === "destroying" || (phase !== "destroyed" && record.spec.desired === "destroyed")) {
        // A requested deletion is completed first; then the name is used for a new runner.
        await this.reconciler.reconcile(id);
        continue;
      }
      if (record.spec.desired !== "running" || (phase !== "creating" && !isAsked(record))) {
        const requested = await this.#request(stored, wanted);
        if (requested === undefined) continue;
        asked = requested.record.generation;
        created ||= phase === "destroyed";
        resumed ||= record.spec.desired === "paused";
      }
      asked ??= record.generation;
      await this.reconciler.reconcile(id);
    }
  }

  async #create(
    id: string,
    { workspaceId, name }: RunnerRef,
    { owner, asked }: NonNullable<Wanted["make"]>,
  ): Promise<Versioned | undefined> {
    const { store, environments, clock, log } = this.#options;
    const spec = fillSpec(asked, environments);
    const ref = { workspaceId, name };
    const made = await store.create(newRecord({ id, owner, ref, spec, nowMs: clock.now() }));
    if (made !== undefined) {
      log.info("runner.created", { runner: id, name, environment: spec.environment });
    }
    return made;
  }

  /** Requests that the runner runs; a destroyed one is made new. `undefined` when the record has changed since it was read. */
  async #request(
    { record, version }: Versioned,
    { caller, make }: Pick<Wanted, "caller" | "make">,
  ): Promise<Versioned | undefined> {
    const { store, environments, clock, log } = this.#options;
    const nowMs = clock.now();
    const isNew = record.status.phase === "destroyed";
    const spec = isNew ? { ...fillSpec(make?.asked, environments), createdAtMs: nowMs } : record.spec;
    const requested = await store.update(record.id, version, {
      spec: { ...record.spec, ...spec, desired: "running", requestedBy: caller.owner, requestedAtMs: nowMs },
    });
    if (isNew && requested !== undefined) {
      log.info("runner.created", {
        runner: record.id,
        name: record.ref.name,
        environment: spec.environment,
      });
    }
    return requested;
  }

  async #destroy(id: string, owner: string): Promise<RunnerRecord> {
    const { store, clock } = this.#options;
    for (;;) {
      const stored = await store.get(id);
      if (stored === undefined) throw new GradError("runner_not_found", `Cannot find the runner ${id}`);
      const { record, version } = stored;
      if (record.status.phase === "destroyed" && record.spec.desired === "destroyed") return record;
      if (record.spec.desired !== "destroyed") {
        const spec = {
          ...record.spec,
          desired: "destroyed",
          requestedBy: owner,
          requestedAtMs: clock.now(),
        } as const;
        if (await store.update(id, version, { spec }) === undefined) continue;
      }
      await this.reconciler.reconcile(id);
    }
  }
}

/** Lines of each component that are sent, where the caller does not say how many, and at most. */
const DEFAULT_LOG_LINES = 100;
const MAX_LOG_LINES = 1_000;

/** A caller that leaves does not end the work. */
const NEVER = new AbortController().signal;

/** The record says that the components are up for what is wanted now. */
function isUsable(record: RunnerRecord): boolean {
  return record.status.phase === "ready" && record.spec.desired === "running" && !isAsked(record);
}

function unlessUnavailable(thrown: unknown): undefined {
  if (!isUnavailable(thrown)) throw thrown;
}

function overtaken({ ref }: RunnerRecord): GradError {
  return new GradError(
    "runner_unavailable",
    `Cannot start the runner "${ref.name}": it is being destroyed`,
    { hint: "Run the command again to make a new one." },
  );
}
