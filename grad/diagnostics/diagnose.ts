import type { Clock } from "../../shared/clock.ts";
import { ERROR_CODES } from "../../shared/error_codes.ts";
import { GradError, messageOf } from "../../shared/errors.ts";
import type { CallContext } from "../auth/call_context.ts";
import type { BackendDiagnostics, DiagnosticCheck } from "./diagnostic_check.ts";

/** A check that has no answer by then has failed. Below the 30 s that the API promises. */
const CHECK_MS = 25_000;

/** What one check has found out. */
export type Finding = Readonly<{
  id: string;
  title: string;
  state: "ok" | "warning" | "failed";
  message: string;
  /** The next step; empty when nothing is wrong. */
  hint: string;
}>;

/** Runs the backend's checks. */
export class Diagnose {
  readonly #backend: BackendDiagnostics;
  readonly #clock: Clock;

  constructor(backend: BackendDiagnostics, clock: Clock) {
    this.#backend = backend;
    this.#clock = clock;
  }

  /** All findings, in the order of the checks, which run at the same time. Never fails because a check does. */
  async run({ signal }: CallContext): Promise<readonly Finding[]> {
    return await Promise.all(this.#backend.checks.map((check) => this.#find(check, signal)));
  }

  async #find(check: DiagnosticCheck, signal: AbortSignal): Promise<Finding> {
    const { id, title } = check;
    const over = new AbortController();
    const bound = AbortSignal.any([signal, over.signal]);
    try {
      const late = this.#clock.sleep(CHECK_MS, bound).then(() => {
        throw new GradError("internal", `Cannot finish the check: no result within ${CHECK_MS / 1_000} s`, {
          hint: "Look at the machine's load, then run `gractl doctor` again.",
        });
      });
      const { state, message, hint = "" } = await Promise.race([
        Promise.resolve().then(() => check.run(bound)),
        late,
      ]);
      return { id, title, state, message, hint };
    } catch (thrown) {
      signal.throwIfAborted();
      const hint = thrown instanceof GradError ? thrown.hint ?? ERROR_CODES[thrown.code].remedy : "";
      return { id, title, state: "failed", message: messageOf(thrown), hint };
    } finally {
      over.abort();
    }
  }
}
