import type { Clock } from "../../shared/clock.ts";
import { GradError, messageOf } from "../../shared/errors.ts";
import type { Ids } from "../../shared/ids.ts";
import type { Logger } from "../../shared/log.ts";
import type { Observation, RunnerBackend } from "./backend.ts";
import { ClaimLost, HeldClaim, Superseded } from "./held_claim.ts";
import { nextAction } from "./next_action.ts";
import { RecordChanges } from "./record_changes.ts";
import type { RunnerRecord, RunnerStatus } from "./runner.ts";
import type { RunnerStore, Versioned } from "./store.ts";
import { startFailure, waitUntilReady } from "./wait_until_ready.ts";

export type ReconcilerOptions = Readonly<{
  store: RunnerStore;
  backend: RunnerBackend;
  clock: Clock;
  ids: Ids;
  log: Logger;
  /** Names this instance of grad in claims. */
  instance: string;
  /** Aborts when this instance ends: claims are given back, so that another instance goes on at once. */
  stopping: AbortSignal;
}>;

/** How often all runners are looked at: for claims of instances that died, tombstones, and watches that stand still. */
const SWEEP_MS = 60_000;
/** How long to wait for the holder of a claim before looking again, at most. */
const LOOK_AGAIN_MS = 1_000;
const LAST_ACTIVITY_MS = 1_000;

/**
 * Makes runners what their records want them to be. Any number of instances of grad may do so at once: each decides by
 * {@link nextAction}, claims the record, and proves its claim before each side effect.
 */
export class Reconciler {
  readonly changes: RecordChanges;
  readonly #options: ReconcilerOptions;
  /** Saves work only: two loops over one runner in one process would wait for each other's claims. */
  readonly #loops = new Map<string, Promise<void>>();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.changes = new RecordChanges(options.store, options.clock);
  }

  /**
   * Works until there is nothing left to do for the runner, or waits for the instance that does. What came of it stands in the
   * record, also where it failed. The work has no caller whose leaving could end it.
   * @throws {Error} of the store or the backend when they do not answer; the reason of `stopping`
   */
  reconcile(id: string): Promise<void> {
    const running = this.#loops.get(id);
    if (running !== undefined) return running;
    const loop = this.#loop(id).finally(() => this.#loops.delete(id));
    this.#loops.set(id, loop);
    return loop;
  }

  /** Reconciles every runner once. Failures are logged. */
  async sweep(): Promise<void> {
    const { store, log } = this.#options;
    try {
      const stored = await store.list();
      await Promise.all(stored.map(({ record }) => this.#background(record.id)));
    } catch (thrown) {
      log.error("reconciler.sweep_failed", thrown);
    }
  }

  /** Sweeps now and then, and follows what the backend notices, until this instance ends. */
  async run(): Promise<void> {
    const { clock, stopping } = this.#options;
    const following = this.#follow();
    while (!stopping.aborted) {
      await this.sweep();
      await clock.sleep(SWEEP_MS, stopping).catch(() => {});
    }
    await following;
  }

  async #follow(): Promise<void> {
    const { backend, clock, log, stopping } = this.#options;
    while (!stopping.aborted) {
      try {
        for await (const id of backend.watch(stopping)) await this.#background(id);
      } catch (thrown) {
        log.warn("reconciler.watch_failed", { error: messageOf(thrown) });
      }
      await clock.sleep(LOOK_AGAIN_MS, stopping).catch(() => {});
    }
  }

  async #background(id: string): Promise<void> {
    const { log, stopping } = this.#options;
    await this.reconcile(id).catch((thrown) => {
      if (!stopping.aborted) log.error("reconciler.failed", thrown, { runner: id });
    });
  }

  async #loop(id: string): Promise<void> {
    const { store, backend, clock, log, stopping } = this.#options;
    for (;;) {
      stopping.throwIfAborted();
      using subscription = this.changes.subscribe(id);
      const stored = await store.get(id);
      if (stored === undefined) return;
      const { record } = stored;
      const observed = await backend.observe(id);
      const nowMs = clock.now();
      const action = nextAction(
        { desired: record.spec.desired, generation: record.generation },
        {
          phase: record.status.phase,
          observedGeneration: record.status.observedGeneration,
          endedAtMs: record.status.tombstone?.endedAtMs ?? 0,
          components: observed.state,
        },
        record.claim,
        nowMs,
      );
      switch (action.kind) {
        case "none":
          return;
        case "wait":
          await subscription.next(Math.min(action.untilMs - nowMs, LOOK_AGAIN_MS), stopping);
          break;
        case "start":
          await this.#start(stored);
          break;
        case "confirm":
          await store.update(id, stored.version, {
            status: { ...record.status, observedGeneration: record.generation },
          });
          break;
        case "mark_lost":
          await store.update(id, stored.version, { status: lostStatus(record, observed, nowMs) });
          log.warn("runner.lost", { runner: id });
          break;
        case "pause":
          await this.#pause(stored);
          break;
        case "destroy":
          await this.#destroy(stored);
          break;
        case "forget":
          if (await store.delete(id, stored.version)) return;
      }
    }
  }

  async #start(stored: Versioned): Promise<void> {
    const { backend, clock, log } = this.#options;
    const { id } = stored.record;
    const startedAtMs = clock.now();
    await this.#holding(stored, {
      phase: "creating",
      stage: "starting_components",
      reason: "none",
      message: "",
      failure: undefined,
      tombstone: undefined,
    }, async (claim) => {
      const { signal, generation } = claim;
      try {
        await backend.apply(claim.record, signal);
        const report = (stage: RunnerStatus["stage"]) => claim.update({ stage });
        await waitUntilReady(backend, claim.record, { clock, signal, report });
      } catch (thrown) {
        if (signal.aborted) throw signal.reason;
        if (thrown instanceof ClaimLost) throw thrown;
        const { error, status } = startFailure(claim.record, thrown);
        log.error("runner.failed", error, { runner: id });
        // Only what this attempt started may it stop: the claim says that nobody else has started since.
        await claim.prove();
        await backend.stop(id).catch((failed) => log.error("runner.stop_failed", failed, { runner: id }));
        await claim.release({ ...status, observedGeneration: generation });
        return;
      }
      await claim.release({ phase: "ready", stage: "none", observedGeneration: generation });
      log.info("runner.ready", { runner: id, ms: clock.now() - startedAtMs });
    });
  }

  async #pause(stored: Versioned): Promise<void> {
    const { backend, log } = this.#options;
    await this.#holding(stored, { phase: "pausing", stage: "stopping_components" }, async (claim) => {
      await backend.stop(stored.record.id);
      await claim.release({
        phase: "paused",
        stage: "none",
        reason: "none",
        message: "",
        observedGeneration: claim.generation,
      });
      log.info("runner.paused", { runner: stored.record.id });
    });
  }

  /** Components first, then the volume, so that no deletion can follow into a mount. */
  async #destroy(stored: Versioned): Promise<void> {
    const { backend, clock, log } = this.#options;
    const { record } = stored;
    const { id, status, spec } = record;
    // What was wanted when the end began; a later wish begins anew, after the end.
    const begins = status.phase !== "destroying" && status.phase !== "destroyed";
    const generation = begins ? record.generation : status.observedGeneration;
    const endedBy = begins ? spec.requestedBy : status.tombstone?.endedBy ?? spec.requestedBy;
    const last = begins ? await this.#lastActivity(record) : {};
    const tombstone = { endedAtMs: clock.now(), endedBy, reason: "destroyed", message: "" } as const;
    await this.#holding(stored, {
      ...last,
      phase: "destroying",
      stage: "stopping_components",
      reason: "none",
      message: "",
      failure: undefined,
      observedGeneration: generation,
      tombstone,
    }, async (claim) => {
      await backend.stop(id);
      await claim.update({ stage: "deleting_volume" });
      await backend.deleteVolume(id);
      await claim.release({
        phase: "destroyed",
        stage: "none",
        tombstone: { ...tombstone, endedAtMs: clock.now() },
      });
      log.info("runner.destroyed", { runner: id, by: endedBy });
    });
  }

  /** What is still known of a runner and would be lost with it. Never fails. */
  async #lastActivity(record: RunnerRecord): Promise<Partial<RunnerStatus>> {
    if (record.status.phase !== "ready") return {};
    try {
      const { agent } = await this.#options.backend.connect(record);
      const info = await agent.getInfo(0, AbortSignal.timeout(LAST_ACTIVITY_MS));
      const lastActiveAtMs = Number(info.lastActiveMs);
      if (lastActiveAtMs <= record.status.lastActiveAtMs) return {};
      return { lastActiveAtMs, lastActivity: info.lastActivity };
    } catch {
      return {};
    }
  }

  /** Runs `work` under a claim; returns where somebody else was faster, or the claim was lost or became pointless. */
  async #holding(
    stored: Versioned,
    status: Partial<RunnerStatus>,
    work: (claim: HeldClaim) => Promise<void>,
  ): Promise<void> {
    const { log } = this.#options;
    await using claim = await HeldClaim.take({ ...this.#options, changes: this.changes }, stored, status);
    if (claim === undefined) return;
    try {
      await work(claim);
    } catch (thrown) {
      if (thrown instanceof ClaimLost) {
        log.warn("claim.lost", { runner: stored.record.id, attempt: claim.attempt });
        return;
      }
      // Given back at once, so that nobody waits until it runs out: for the next action, or for another try.
      await claim.release({}).catch(() => {});
      if (!(thrown instanceof Superseded)) throw thrown;
    }
  }
}

function lostStatus(record: RunnerRecord, observed: Observation, nowMs: number): RunnerStatus {
  const { status, generation } = record;
  return {
    ...status,
    phase: "lost",
    stage: "none",
    reason: observed.reason === "none" ? "components_ended" : observed.reason,
    message: LOST_MESSAGE,
    observedGeneration: generation,
    changedAtMs: nowMs,
  };
}

/** For people. */
export const LOST_MESSAGE =
  "its components are down; the next execution starts them again over the same files";

/** @throws {GradError} what the record says of a start that failed */
export function recordedFailure({ ref, status }: RunnerRecord): GradError {
  const { code = "runner_failed", hint = "" } = status.failure ?? {};
  const message = status.message || `Cannot start the runner "${ref.name}"`;
  return new GradError(code, message, hint === "" ? {} : { hint });
}

/** Takes all claims away: for an instance that knows that there is no other, so that nothing waits for one that was killed. */
export async function dropClaims(store: RunnerStore): Promise<void> {
  for (const { record, version } of await store.list()) {
    if (record.claim !== undefined) {
      await store.update(record.id, version, { status: record.status, claim: null });
    }
  }
}
