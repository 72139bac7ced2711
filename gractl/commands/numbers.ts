import { GradError } from "../../shared/errors.ts";

/** A parser for options that are whole numbers of at least `least`. */
export function wholeNumber(name: string, least: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new GradError(
      "usage",
      `Cannot read ${JSON.stringify(text)} as ${name}: it is a whole number from ${least}`,
    );
  };
}

/** Collects an option that may be given several times. */
export function collect(value: string, earlier: readonly string[]): string[] {
  return [...earlier, value];
}
