/** An instant as documents have it: UTC in ISO 8601, with milliseconds; null for none. */
export function instant(date: Date | undefined): string | null {
  return date?.toISOString() ?? null;
}
