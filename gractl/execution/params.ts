import { GradError } from "../../shared/errors.ts";
import { PARAM_NAME } from "../../shared/limits.ts";

/** Of a parameters file: values may have 1 MiB, and YAML has comments. */
export const MAX_PARAMS_FILE_BYTES = 4 * 2 ** 20;

/** The value of each parameter as JSON text, by name. Text, because parsing would round large numbers. */
export type Params = ReadonlyMap<string, string>;

/** Returns a valid name unchanged. @throws {GradError} `invalid_argument` */
export function checkParamName(name: string): string {
  if (PARAM_NAME.test(name)) return name;
  throw new GradError(
    "invalid_argument",
    `Cannot use ${JSON.stringify(name.slice(0, 80))} as the name of a parameter`,
    {
      hint: "Use up to 100 letters, digits and _, and do not start with a digit.",
    },
  );
}

/** Parses `NAME=VALUE` pairs. A value that is not JSON is a string; the last value of a name counts. @throws {GradError} `invalid_argument` */
export function parsePairs(pairs: readonly string[]): Params {
  const params = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 0) {
      throw new GradError(
        "invalid_argument",
        `Cannot read the parameter ${JSON.stringify(pair.slice(0, 80))}`,
        {
          hint: "Write `--param NAME=VALUE`, such as `--param year=2013` or `--param name=Ann`.",
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

/** The JSON object that is sent to grad; empty without parameters. Later parameters override earlier ones. */
export function toParamsJson(...all: readonly Params[]): string {
  const merged = new Map(all.flatMap((params) => [...params]));
  if (merged.size === 0) return "";
  return `{${[...merged].map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",")}}`;
}
