/** How long ago, rounded to one unit: "12s", "5m", "3h", "2d". `now` is in milliseconds since the epoch. */
export function age(instant: Date | undefined, now: number): string | undefined {
  if (instant === undefined) return undefined;
  const seconds = Math.max(0, Math.round((now - instant.getTime()) / 1_000));
  if (seconds < 90) return `${seconds}s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)}m`;
  if (seconds < 36 * 3_600) return `${Math.round(seconds / 3_600)}h`;
  return `${Math.round(seconds / 86_400)}d`;
}

/** How long until then, rounded as {@link age}: "in 5m"; "now" where it has passed. */
export function until(instant: Date, now: number): string {
  const left = instant.getTime() - now;
  return left <= 0 ? "now" : `in ${age(new Date(0), left)}`;
}
