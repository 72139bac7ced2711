import { GradError } from "./errors.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Bytes of "512MiB", "4GiB", "1.5GB" or "1024". @throws {GradError} `invalid_argument` */
export function parseSize(text: string): number {
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim()) ?? [];
  const factor = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  if (count === undefined || factor === undefined) {
    throw new GradError("invalid_argument", `Cannot read ${JSON.stringify(text)} as a size`, {
      hint: 'Write a number and a unit: "512MiB", "4GiB", "10GB".',
    });
  }
  return Math.round(Number(count) * factor);
}

/** For people: "0 B", "1.5 KiB", "12 MiB". */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = "B";
  for (const next of ["KiB", "MiB", "GiB", "TiB"]) {
    if (value < 1_024) break;
    value /= 1_024;
    unit = next;
  }
  return `${unit === "B" || value >= 10 ? Math.round(value) : value.toFixed(1)} ${unit}`;
}
