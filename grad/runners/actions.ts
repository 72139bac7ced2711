import type { Logger } from "../../shared/log.ts";
import type { RunnerBackend } from "./backend.ts";
import { ClaimLost, type ClaimOptions, HeldClaim, Superseded } from "./held_claim.ts";
import type { RunnerRecord, RunnerStatus } from "./runner.ts";
import type { Versioned } from "./store.ts";
import { startFailure, waitUntilReady } from "./wait_until_ready.ts";

export type ActionOptions = ClaimOptions & Readonly<{ backend: RunnerBackend; log: Logger }>;

const LAST_ACTIVITY_MS = 1_000;

/**
 * What has side effects, each under a claim of its own, proved before every one of them. An action returns when it is done, and also
 * where another instance was faster or has taken over: the caller decides anew from the record.
 */
export class RunnerActions {
  readonly #options: ActionOptions;

  constructor(options: ActionOptions) {
    this.#options = options;
  }

  /** Brings the components up and waits until kernels can be started. A failure is written into the record. */
  async start(stored: Versioned): Promise<void> {
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

  /** Stops the components and keeps the volume. @throws {Error} of the backend */
  async pause(stored: Versioned): Promise<void> {
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

  /** Components first, then the volume, so that no deletion can follow into a mount. @throws {Error} of the backend */
  async destroy(stored: Versioned): Promise<void> {
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
    await using claim = await HeldClaim.take(this.#options, stored, status);
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
