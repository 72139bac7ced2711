import { GradError } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";
import { askActivity, sessionsWithVariables } from "./ask_activity.ts";
import type { RunnerBackend } from "./backend.ts";
import { holdCode, releaseCode } from "./hold_code.ts";
import { ClaimLost, type ClaimOptions, HeldClaim, Superseded } from "./held_claim.ts";
import { latestActivity } from "./idle.ts";
import { askedActivity, isAsked, REQUESTED_BY_GRAD, type RunnerRecord, type RunnerStatus } from "./runner.ts";
import type { Versioned } from "./store.ts";
import { startFailure, waitUntilReady } from "./wait_until_ready.ts";

export type ActionOptions = ClaimOptions & Readonly<{ backend: RunnerBackend; log: Logger }>;

/**
 * The actions with side effects. Each takes a claim and proves it before every side effect. An action returns when it is done, and also
 * when another instance has taken the claim: the caller then reads the record again.
 */
export class RunnerActions {
  readonly #options: ActionOptions;

  constructor(options: ActionOptions) {
    this.#options = options;
  }

  /**
   * Brings the components up and waits until kernels can be started. A failure is written into the record, unless it may pass by itself.
   * @throws {GradError} `grad_unavailable`: the record says that the runner is being made, and the next look at it goes on
   */
  async start(stored: Versioned): Promise<void> {
    const { backend, clock, log } = this.#options;
    const { id, status } = stored.record;
    const startedAtMs = clock.now();
    const isRecreated = status.phase === "lost" && !isAsked(stored.record);
    await this.#holding(stored, {
      ...askedActivity(stored.record),
      phase: "creating",
      stage: "starting_components",
      reason: "none",
      message: "",
      failure: undefined,
      tombstone: undefined,
      pausedAtMs: undefined,
      recreations: isRecreated ? (status.recreations ?? 0) + 1 : undefined,
      ...(status.phase === "destroyed" ? { lostSessions: undefined } : {}),
    }, async (claim) => {
      const { signal, generation } = claim;
      try {
        await backend.apply(claim.record, signal);
        const report = (stage: RunnerStatus["stage"]) => claim.update({ stage });
        await waitUntilReady(backend, claim.record, { clock, signal, report });
      } catch (thrown) {
        if (signal.aborted) throw signal.reason;
        if (thrown instanceof ClaimLost || isPassing(thrown)) throw thrown;
        const { error, status } = startFailure(claim.record, thrown);
        log.error("runner.failed", error, { runner: id });
        // An attempt may stop only what it started: the claim proves that no other attempt has started since.
        await claim.prove();
        await backend.stop(id).catch((failed) => log.error("runner.stop_failed", failed, { runner: id }));
        await claim.release({ ...status, observedGeneration: generation });
        return;
      }
      await claim.release({ phase: "ready", stage: "none", observedGeneration: generation });
      log.info("runner.ready", { runner: id, ms: clock.now() - startedAtMs });
    });
  }

  /**
   * Stops the components and keeps the volume. A pause that grad requested because nothing was active is taken back where something
   * is active now, or where the agent cannot say so. @throws {Error} of the backend
   */
  async pause(stored: Versioned): Promise<void> {
    const { backend, clock, log } = this.#options;
    const { record } = stored;
    const { id, spec, status } = record;
    const isIdle = spec.requestedBy === REQUESTED_BY_GRAD;
    const begins = status.phase === "ready";
    await this.#holding(stored, { phase: "pausing", stage: "stopping_components" }, async (claim) => {
      // Also where another instance has begun: its hold may have ended since.
      const isHeld = await holdCode(backend, record, claim.attempt);
      if (begins) {
        const info = isHeld ? await askActivity(backend, record) : undefined;
        const activity = latestActivity(record, info, clock.now());
        const isActive = info === undefined || activity.lastActiveAtMs > status.lastActiveAtMs;
        if (isIdle && isActive) return await this.#takeBack(claim, activity);
        // Written before the components end: an instance that finishes this attempt cannot ask them any more.
        const lostSessions = await sessionsWithVariables(backend, record) ?? [];
        await claim.update({ ...activity, lostSessions });
      }
      await backend.stop(id);
      const { lostSessions = [] } = claim.record.status;
      await claim.release({
        phase: "paused",
        stage: "none",
        reason: isIdle ? "idle" : "none",
        message: pausedMessage(isIdle, lostSessions),
        failure: undefined,
        observedGeneration: claim.generation,
        pausedAtMs: status.pausedAtMs ?? clock.now(),
      });
      log.info("runner.paused", { runner: id, by: spec.requestedBy, lostSessions: lostSessions.length });
    });
  }

  /** The runner stays ready and accepts code, and the reconciler confirms that. */
  async #takeBack(claim: HeldClaim, activity: Partial<RunnerStatus>): Promise<void> {
    const { store, backend, log } = this.#options;
    const { id } = claim.record;
    for (;;) {
      const stored = await store.get(id);
      // Another request came first: it decides.
      if (stored === undefined || stored.record.spec.desired !== "paused") break;
      const spec = { ...stored.record.spec, desired: "running" } as const;
      if (await store.update(id, stored.version, { spec }) !== undefined) break;
    }
    await releaseCode(backend, claim.record, claim.attempt);
    await claim.release({ ...activity, phase: "ready", stage: "none" });
    log.info("runner.pause_taken_back", { runner: id });
  }

  /** Components first, then the volume, so that no deletion can follow into a mount. @throws {Error} of the backend */
  async destroy(stored: Versioned): Promise<void> {
    const { backend, clock, log } = this.#options;
    const { record } = stored;
    const { id, status, spec } = record;
    // The generation that requested the deletion: a later one is a new request, handled after the deletion.
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
        tombstone: {
          ...tombstone,
          endedAtMs: status.phase === "destroyed" ? status.tombstone?.endedAtMs ?? clock.now() : clock.now(),
        },
      });
      log.info("runner.destroyed", { runner: id, by: endedBy });
    });
  }

  /** The last activity as the agent knows it, which is lost with the agent. Never fails. */
  async #lastActivity(record: RunnerRecord): Promise<Partial<RunnerStatus>> {
    if (record.status.phase !== "ready") return {};
    const { backend, clock } = this.#options;
    return latestActivity(record, await askActivity(backend, record), clock.now());
  }

  /** Runs `work` under a claim; returns without an error when the claim cannot be taken, is lost, or is superseded. */
  async #holding(
    stored: Versioned,
    status: Partial<RunnerStatus>,
    work: (claim: HeldClaim) => Promise<void>,
  ): Promise<void> {
    const { log } = this.#options;
    await using claim = await HeldClaim.take(this.#options, stored, status);
    if (claim === undefined) return;
    try {
      await work(claim);
    } catch (thrown) {
      if (thrown instanceof ClaimLost) {
        log.warn("claim.lost", { runner: stored.record.id, attempt: claim.attempt });
        return;
      }
      // Released at once, so that the next action does not wait until the claim expires.
      await claim.release({}).catch(() => {});
      if (!(thrown instanceof Superseded)) throw thrown;
    }
  }
}

/** Whether the failure says nothing about the runner: the API of the cluster does not answer. */
function isPassing(thrown: unknown): boolean {
  return thrown instanceof GradError && thrown.code === "grad_unavailable";
}

/** For people; names what the pause has cost. */
function pausedMessage(isIdle: boolean, lostSessions: readonly string[]): string {
  const why = isIdle ? "nothing was active in it" : "";
  const names = lostSessions.map((name) => `"${name}"`).join(", ");
  const lost = lostSessions.length === 0 ? "" : `the variables of these sessions are lost: ${names}`;
  return [why, lost].filter((part) => part !== "").join("; ");
}
