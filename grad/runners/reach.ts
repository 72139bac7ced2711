import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import type { Components, RunnerBackend } from "./backend.ts";
import type { RunnerRecord } from "./runner.ts";

/** How long a component may be away that is being restarted. */
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
  backend: Pick<RunnerBackend, "observe" | "connect">,
  record: RunnerRecord,
  call: (components: Components) => Promise<T>,
  options: { clock: Clock; signal: AbortSignal },
): Promise<T> {
  const { clock, signal } = options;
  const endsAt = clock.now() + RESTART_MS;
  for (;;) {
    try {
      return await call(await backend.connect(record));
    } catch (thrown) {
      if (!isUnavailable(thrown) || signal.aborted) throw thrown;
      if ((await backend.observe(record.id)).state === "absent") throw down(record, thrown);
      if (clock.now() >= endsAt) throw thrown;
    }
    await clock.sleep(PAUSE_MS, signal);
  }
}

function down(record: RunnerRecord, cause: unknown): GradError {
  const { name } = record.ref;
  return record.status.phase === "paused"
    ? new GradError("runner_unavailable", `Cannot reach the runner "${name}": it is paused`, {
      hint: "`gractl runner resume` resumes it, and so does the next `gractl execute-code`.",
      cause,
    })
    : new GradError("runner_unavailable", `Cannot reach the runner "${name}": it is stopped`, {
      hint: "The next `gractl execute-code` starts it again; files are kept, variables are not.",
      cause,
    });
}
