import { GradError } from "../../shared/errors.ts";
import { askActivity, sessionsWithVariables } from "./ask_activity.ts";
import type { RunnerBackend } from "./backend.ts";
import { holdCode, releaseCode } from "./hold_code.ts";
import type { RunnerRecord } from "./runner.ts";

/**
 * Refuses what would stop code or lose variables. Where it does not, the agent accepts no code any more, so that this stays true until
 * the components end; a caller that gives the pause up releases the hold of `holder`.
 * @throws {GradError} `runner_busy`, `variables_at_risk`, `runner_unavailable`
 */
export async function mayPause(
  backend: Pick<RunnerBackend, "connect" | "observe">,
  record: RunnerRecord,
  holder: string,
): Promise<void> {
  if (record.status.phase !== "ready" || (await backend.observe(record.id)).state === "absent") return;
  try {
    await requireUnused(backend, record, await holdCode(backend, record, holder));
  } catch (thrown) {
    await releaseCode(backend, record, holder);
    throw thrown;
  }
}

async function requireUnused(
  backend: Pick<RunnerBackend, "connect">,
  record: RunnerRecord,
  isHeld: boolean,
): Promise<void> {
  const { name } = record.ref;
  const [info, sessions] = isHeld
    ? await Promise.all([askActivity(backend, record), sessionsWithVariables(backend, record)])
    : [];
  if (info === undefined || sessions === undefined) {
    throw new GradError(
      "runner_unavailable",
      `Cannot pause the runner "${name}": its agent does not say whether sessions have variables`,
      { hint: "Try again, or add `--force`: then the variables of all sessions are lost." },
    );
  }
  if (info.activeExecutions > 0) {
    throw new GradError(
      "runner_busy",
      `Cannot pause the runner "${name}": ${info.activeExecutions} execution(s) are queued or running`,
      { hint: "Wait, interrupt them, or add `--force`." },
    );
  }
  if (sessions.length > 0) {
    const names = sessions.map((session) => `"${session}"`).join(", ");
    throw new GradError(
      "variables_at_risk",
      `Cannot pause the runner "${name}": the variables of these sessions would be lost: ${names}`,
      {
        hint: "Save what you need in files below /workspace, which are kept, then add `--force`.",
      },
    );
  }
}
