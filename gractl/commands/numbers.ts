import { GradError } from "../../shared/errors.ts";

/** A parser of options that are whole numbers of at least `min`. `name` completes "Cannot read … as". */
export function wholeNumber(name: string, min: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (Number.isSafeInteger(value) && value >= min) return value;
    throw new GradError(
      "usage",
      `Cannot read ${JSON.stringify(text)} as ${name}: it must be a whole number of at least ${min}`,
    );
  };
}

/** Collects an option that may be given several times. */
export function collect(value: string, earlier: readonly string[]): string[] {
  return [...earlier, value];
}
