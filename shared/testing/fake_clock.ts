import type { Clock } from "../clock.ts";

type Sleeper = { endsAt: number; wake: () => void };

/** A clock that only tests move. */
export type FakeClock = Clock & {
  /** Lets the time pass; whoever sleeps until then wakes in order. */
  advance(ms: number): Promise<void>;
};

export function fakeClock(startMs = 1_000_000): FakeClock {
  let nowMs = startMs;
  const sleepers = new Set<Sleeper>();
  return {
    now: () => nowMs,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      return new Promise((resolve, reject) => {
        const sleeper = { endsAt: nowMs + ms, wake: () => done(resolve) };
        const onAbort = () => done(() => reject(signal?.reason));
        const done = (settle: () => void) => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", onAbort);
          settle();
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", onAbort, { once: true });
      });
    },
    async advance(ms) {
      nowMs += ms;
      const due = [...sleepers].filter(({ endsAt }) => endsAt <= nowMs).sort((a, b) => a.endsAt - b.endsAt);
      for (const { wake } of due) wake();
      await Promise.resolve();
    },
  };
}
