import { messageOf } from "../../shared/errors.ts";
import { type ActionOptions, RunnerActions } from "./actions.ts";
import type { Observation } from "./backend.ts";
import { type IdleLimits, NO_IDLE_LIMITS } from "./idle.ts";
import { checkIdle } from "./idle_runners.ts";
import { nextAction } from "./next_action.ts";
import { RecordChanges } from "./record_changes.ts";
import { recreateAtMs, recreationsAtLoss } from "./recreation.ts";
import { askedActivity, LOST_MESSAGE, type RunnerRecord, type RunnerStatus } from "./runner.ts";
import type { RunnerStore, Versioned } from "./store.ts";

export type ReconcilerOptions =
  & Omit<ActionOptions, "changes">
  & Readonly<{
    /** When unused runners end; absent means never. */
    idle?: IdleLimits;
  }>;

/** Interval of the sweep over all runners, in milliseconds: for expired claims, old tombstones and watches that stall. */
const SWEEP_MS = 60_000;
/** Longest wait for the holder of a claim before the record is read again, in milliseconds. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Brings runners into the state that their records request. Any number of instances of grad may do so at once: each decides by
 * {@link nextAction}, claims the record, and proves its claim before each side effect.
 */
export class Reconciler {
  readonly changes: RecordChanges;
  readonly #options: ReconcilerOptions;
  readonly #actions: RunnerActions;
  /** One loop for each runner in this process. Only an optimisation: two loops would wait for each other's claims. */
  readonly #loops = new Map<string, Promise<void>>();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.changes = new RecordChanges(options.store, options.clock);
    this.#actions = new RunnerActions({ ...options, changes: this.changes });
  }

  /**
   * Acts until nothing is left to do for the runner; waits while another instance acts. The record has the outcome, failures
   * included. The work does not end when a caller leaves.
   * @throws {Error} of the store or the backend when they do not answer; the reason of `stopping`
   */
  reconcile(id: string): Promise<void> {
    const running = this.#loops.get(id);
    if (running !== undefined) return running;
    const loop = this.#loop(id).finally(() => this.#loops.delete(id));
    this.#loops.set(id, loop);
    return loop;
  }

  /** Reconciles every runner once, and ends those that nobody uses. Failures are logged. */
  async sweep(): Promise<void> {
    const { store, log } = this.#options;
    try {
      await Promise.all((await store.list()).map((stored) => this.#visit(stored)));
      await this.#sweepLeftovers();
    } catch (thrown) {
      log.error("reconciler.sweep_failed", thrown);
    }
  }

  /** Sweeps at intervals, and reconciles runners that the backend reports, until this instance ends. */
  async run(): Promise<void> {
    const { clock, stopping } = this.#options;
    const following = Promise.all([this.#follow(), this.#followRecords()]);
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

  /** Records that somebody deletes; all other requests are worked on by the instance that gets them. */
  async #followRecords(): Promise<void> {
    const { store, clock, log, stopping } = this.#options;
    while (!stopping.aborted) {
      try {
        for await (const id of store.watch(stopping)) {
          if ((await store.get(id))?.record.deleted) await this.#background(id);
        }
      } catch (thrown) {
        log.warn("reconciler.watch_failed", { error: messageOf(thrown) });
      }
      await clock.sleep(LOOK_AGAIN_MS, stopping).catch(() => {});
    }
  }

  /**
   * Deletes what is left without a runner: of an instance that was suspended until its claim expired, or of a record that is gone. A
   * record proves that there is a runner, and its claim, that nobody works on it.
   */
  async #sweepLeftovers(): Promise<void> {
    const { store, backend, clock, log } = this.#options;
    for (const id of await backend.inventory()) {
      const stored = await store.get(id);
      if (stored === undefined) {
        await backend.removeOrphan(id, async () => await store.get(id) === undefined);
        continue;
      }
      const { spec, status, claim } = stored.record;
      const isClaimed = claim !== undefined && claim.untilMs > clock.now();
      if (spec.desired === "destroyed" && status.phase === "destroyed" && !isClaimed) {
        log.warn("runner.leftovers", { runner: id });
        await this.#actions.destroy(stored);
      }
    }
  }

  async #visit(stored: Versioned): Promise<void> {
    const { idle = NO_IDLE_LIMITS } = this.#options;
    await checkIdle(stored, { ...this.#options, idle });
    await this.#background(stored.record.id);
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
        {
          desired: record.spec.desired,
          generation: record.generation,
          deleted: record.deleted === true,
        },
        {
          phase: record.status.phase,
          observedGeneration: record.status.observedGeneration,
          endedAtMs: record.status.tombstone?.endedAtMs ?? 0,
          components: observed.state,
          recreateAtMs: backend.recreatesLost ? recreateAtMs(record) : undefined,
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
          await this.#actions.start(stored);
          break;
        case "confirm":
          await store.update(id, stored.version, {
            status: { ...record.status, ...askedActivity(record), observedGeneration: record.generation },
          });
          break;
        case "mark_lost":
          await store.update(id, stored.version, { status: lostStatus(record, observed, nowMs) });
          log.warn("runner.lost", { runner: id });
          break;
        case "pause":
          await this.#actions.pause(stored);
          break;
        case "destroy":
          await this.#actions.destroy(stored);
          break;
        case "forget":
          if (await store.delete(id, stored.version)) return;
      }
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
    message: observed.message === "" ? LOST_MESSAGE : `${observed.message}; ${LOST_MESSAGE}`,
    recreations: recreationsAtLoss(status, nowMs),
    observedGeneration: generation,
    changedAtMs: nowMs,
  };
}

/** Removes all claims: for an instance that is known to be the only one, so that it need not wait for claims of a killed one. */
export async function dropClaims(store: RunnerStore): Promise<void> {
  for (const { record, version } of await store.list()) {
    if (record.claim !== undefined) {
      await store.update(record.id, version, { status: record.status, claim: null });
    }
  }
}
