import { GradError } from "../../shared/errors.ts";
import type { ExecuteRequest } from "../client/executions.ts";

/** Parses `--env` (NAME=VALUE; the last value of a name counts) and `--cwd`. `undefined` where none is given. @throws {GradError} `invalid_argument` */
export function processSettings(
  { env, cwd }: Readonly<{ env: readonly string[]; cwd?: string | undefined }>,
): ExecuteRequest["process"] {
  if (env.length === 0 && cwd === undefined) return undefined;
  return { variables: Object.fromEntries(env.map(parseVariable)), workingDirectory: cwd ?? "" };
}

function parseVariable(pair: string): [name: string, value: string] {
  const at = pair.indexOf("=");
  if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
  throw new GradError(
    "invalid_argument",
    `Cannot read the environment variable ${JSON.stringify(pair.slice(0, 80))}`,
    {
      hint: "Write `--env NAME=VALUE`, such as `--env TZ=Europe/Berlin`.",
    },
  );
}
