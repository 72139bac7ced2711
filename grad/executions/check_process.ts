import { GradError } from "../../shared/errors.ts";
import { MAX_DIRECTORY_BYTES, MAX_VARIABLES_BYTES } from "../../shared/limits.ts";
import type { ProcessSettings } from "../agent/agent.ts";

/** Checks environment variables and working directory of an execution. @throws {GradError} `invalid_argument` */
export function checkProcess({ variables, workingDirectory }: ProcessSettings): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(variables)) {
    if (name === "" || /[=\0]/.test(name) || value.includes("\0")) {
      throw refusal(`Cannot set the environment variable ${JSON.stringify(name.slice(0, 80))}`, {
        hint: 'A name is not empty and has no "=", and neither name nor value has a NUL byte.',
      });
    }
    bytes += byteLength(name) + byteLength(value);
  }
  if (bytes > MAX_VARIABLES_BYTES) {
    throw refusal(`Cannot set environment variables of ${bytes} bytes: ${MAX_VARIABLES_BYTES} are allowed`, {
      hint: "Put large data in a file with `gractl file put`.",
    });
  }
  if (workingDirectory.includes("\0") || byteLength(workingDirectory) > MAX_DIRECTORY_BYTES) {
    throw refusal(`Cannot run the code in ${JSON.stringify(workingDirectory.slice(0, 80))}`, {
      hint: `A folder's path has at most ${MAX_DIRECTORY_BYTES} bytes and no NUL byte.`,
    });
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function refusal(message: string, options: { hint: string }): GradError {
  return new GradError("invalid_argument", message, options);
}
