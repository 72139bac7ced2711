import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import type { Components, RunnerBackend } from "./backend.ts";
import type { RunnerRecord } from "./runner.ts";

/** How long a component may be away that its init is restarting. */
const RESTART_MS = 8_000;
const PAUSE_MS = 50;

export function isUnavailable(thrown: unknown): thrown is GradError {
  return thrown instanceof GradError && thrown.code === "runner_unavailable";
}

/**
 * Makes a call that may be repeated, and repeats it while a component restarts. Never starts a runner.
 * @throws {GradError} `runner_unavailable` when the components are down or do not come back
 */
export async function reach<T>(
  backend: Pick<RunnerBackend, "inspect" | "components">,
  record: RunnerRecord,
  call: (components: Components) => Promise<T>,
  options: { clock: Clock; signal: AbortSignal },
): Promise<T> {
  const { clock, signal } = options;
  const endsAt = clock.now() + RESTART_MS;
  for (;;) {
    try {
      return await call(backend.components(record.id));
    } catch (thrown) {
      if (!isUnavailable(thrown) || signal.aborted) throw thrown;
      if (await backend.inspect(record.id) === undefined) throw down(record, thrown);
      if (clock.now() >= endsAt) throw thrown;
    }
    await clock.sleep(PAUSE_MS, signal);
  }
}

function down(record: RunnerRecord, cause: unknown): GradError {
  return new GradError(
    "runner_unavailable",
    `Cannot reach the runner "${record.ref.name}": its components are down`,
    {
      hint: "The next `gractl execute-code` starts them again over the same files.",
      cause,
    },
  );
}
