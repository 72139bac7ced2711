import { ERROR_CODES } from "../../shared/error_codes.ts";
import { GradError, messageOf } from "../../shared/errors.ts";

/** What one check has found. */
export type Finding = Readonly<{
  /** For programs. */
  name: string;
  /** For people. */
  title: string;
  /** `warning`: everything works, with a restriction that `message` states. */
  state: "ok" | "warning" | "failed";
  message: string;
  /** The next step; empty where there is none. */
  hint: string;
}>;

/** Something to check on this machine. */
export type Check = Readonly<{
  name: string;
  /** Resolves with what was found. @throws what is wrong */
  run(): Promise<string>;
}>;

/** Runs one check. It never throws, so that the checks after it run, too. */
export async function perform({ name, run }: Check): Promise<Finding> {
  try {
    return { name, title: name, state: "ok", message: await run(), hint: "" };
  } catch (thrown) {
    return failed(name, thrown);
  }
}

/** The finding of a check that threw. */
export function failed(name: string, thrown: unknown): Finding {
  const hint = thrown instanceof GradError ? thrown.hint ?? ERROR_CODES[thrown.code].remedy : "";
  return { name, title: name, state: "failed", message: messageOf(thrown), hint };
}
