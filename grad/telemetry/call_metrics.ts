import type { ErrorCode } from "../../shared/error_codes.ts";

/** How a call ended: `ok`, or the code of its error. A closed set, so that the number of time series is bounded. */
export type CallCode = "ok" | ErrorCode;

/** Where the server's edge reports calls. Adapters must be fast and must not throw. */
export interface CallMetrics<Method extends string> {
  started(method: Method): void;
  /** To be called once for each `started`. */
  ended(method: Method, code: CallCode, seconds: number): void;
}

/** Upper bounds of the duration histogram's buckets, in seconds; the last bucket has none. From a warm read to a long poll of 30 s. */
export const DURATION_BOUNDS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30] as const;

/** What is known of one method's calls. */
export type MethodCounts = Readonly<{
  running: number;
  /** Ended calls by code; a code that never occurred is absent. */
  ended: ReadonlyMap<CallCode, number>;
  /** Of all ended calls together. */
  secondsSum: number;
  /** Number of ended calls in each bucket (not cumulative): one for each of {@link DURATION_BOUNDS}, and one for longer calls. */
  buckets: readonly number[];
}>;

type Counts = { running: number; ended: Map<CallCode, number>; secondsSum: number; buckets: number[] };

/** Counts calls in memory. An endpoint for metrics reads {@link snapshot}; today only tests do. */
export class CallCounts<Method extends string> implements CallMetrics<Method> {
  readonly #counts: ReadonlyMap<Method, Counts>;

  /** @param methods every method there is; calls of others are not counted */
  constructor(methods: readonly Method[]) {
    const none = () => ({
      running: 0,
      ended: new Map(),
      secondsSum: 0,
      buckets: [...DURATION_BOUNDS.map(() => 0), 0],
    });
    this.#counts = new Map(methods.map((method) => [method, none()]));
  }

  started(method: Method): void {
    const counts = this.#counts.get(method);
    if (counts !== undefined) counts.running++;
  }

  ended(method: Method, code: CallCode, seconds: number): void {
    const counts = this.#counts.get(method);
    if (counts === undefined) return;
    counts.running--;
    counts.ended.set(code, (counts.ended.get(code) ?? 0) + 1);
    counts.secondsSum += seconds;
    const fitting = DURATION_BOUNDS.findIndex((bound) => seconds <= bound);
    const bucket = fitting < 0 ? DURATION_BOUNDS.length : fitting;
    counts.buckets[bucket]! += 1;
  }

  /** A copy of every method's counts. */
  snapshot(): ReadonlyMap<Method, MethodCounts> {
    return structuredClone(this.#counts);
  }
}
