import { GradError } from "../../shared/errors.ts";
import { askActivity, sessionsWithVariables } from "./ask_activity.ts";
import type { RunnerBackend } from "./backend.ts";
import type { RunnerRecord } from "./runner.ts";

/** Refuses what would stop code or lose variables. @throws {GradError} `runner_busy`, `variables_at_risk`, `runner_unavailable` */
export async function mayPause(
  backend: Pick<RunnerBackend, "connect" | "observe">,
  record: RunnerRecord,
): Promise<void> {
  if (record.status.phase !== "ready" || (await backend.observe(record.id)).state === "absent") return;
  const { name } = record.ref;
  const [info, sessions] = await Promise.all([
    askActivity(backend, record),
    sessionsWithVariables(backend, record),
  ]);
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
