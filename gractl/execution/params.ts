import { GradError } from "../../shared/errors.ts";

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** JSON text of each parameter's value, by name: text, so that numbers are not rounded on the way. */
export type Params = ReadonlyMap<string, string>;

/** @throws {GradError} `invalid_argument` */
export function checkParamName(name: string): string {
  if (IDENTIFIER.test(name)) return name;
  throw new GradError(
    "invalid_argument",
    `Cannot set a variable named ${JSON.stringify(name.slice(0, 80))}`,
    {
      hint: "Names of parameters are identifiers: letters, digits and _, not beginning with a digit.",
    },
  );
}

/** Reads `NAME=VALUE` pairs; a value is JSON, else a string. The last of a name wins. @throws {GradError} `invalid_argument` */
export function parsePairs(pairs: readonly string[]): Params {
  const params = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 0) {
      throw new GradError(
        "invalid_argument",
        `Cannot read the parameter ${JSON.stringify(pair.slice(0, 80))}`,
        {
          hint: "Write --param NAME=VALUE, e.g. --param year=2013 or --param name=Ann.",
        },
      );
    }
    params.set(checkParamName(pair.slice(0, at)), jsonOf(pair.slice(at + 1)));
  }
  return params;
}

function jsonOf(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}

/** The JSON object that travels; empty for no parameters. Later ones win. */
export function toParamsJson(...all: readonly Params[]): string {
  const merged = new Map(all.flatMap((params) => [...params]));
  if (merged.size === 0) return "";
  return `{${[...merged].map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",")}}`;
}
