import { GradError } from "./errors.ts";

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of "500ms", "30s", "5m", "1h30m" or "2d". @throws {GradError} `invalid_argument` */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  const whole = parts.map(([part]) => part).join("");
  if (parts.length === 0 || whole !== text) {
    throw new GradError("invalid_argument", `Cannot read ${JSON.stringify(text)} as a duration`, {
      hint: 'Write a number and a unit: "30s", "5m", "1h30m".',
    });
  }
  return Math.round(parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS_MS[unit!]!, 0));
}

/** For people: "840 ms", "12.3 s", "4 m 05 s", "2 h 10 m". */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, "0")} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} m`;
}
