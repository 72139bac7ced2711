import { GradError } from "../../shared/errors.ts";
import type { RunnerBackend } from "./backend.ts";
import type { RunnerRecord } from "./runner.ts";

/**
 * How long an agent refuses code, in milliseconds. A pause that is given up ends the hold before; this bounds the one of an instance of
 * grad that has ended.
 */
const HOLD_MS = 60_000;
/** Longest wait for the agent's answer, in milliseconds. */
const ASK_MS = 2_000;

/**
 * From now on the agent accepts no code, so that what it says of itself is still true when its components end. Idempotent for one
 * `holder`. False when the agent does not answer; true for an agent of an earlier version, which cannot refuse code. Never fails.
 */
export function holdCode(
  backend: Pick<RunnerBackend, "connect">,
  record: RunnerRecord,
  holder: string,
): Promise<boolean> {
  return setHold(backend, record, { holder, holdMs: HOLD_MS });
}

/** Ends the hold of this holder, if there is one. Never fails: without an answer the hold ends by itself. */
export async function releaseCode(
  backend: Pick<RunnerBackend, "connect">,
  record: RunnerRecord,
  holder: string,
): Promise<void> {
  await setHold(backend, record, { holder, holdMs: 0 });
}

async function setHold(
  backend: Pick<RunnerBackend, "connect">,
  record: RunnerRecord,
  hold: Readonly<{ holder: string; holdMs: number }>,
): Promise<boolean> {
  try {
    const { agent } = await backend.connect(record);
    await agent.holdCode(hold, AbortSignal.timeout(ASK_MS));
    return true;
  } catch (thrown) {
    return thrown instanceof GradError && thrown.code === "version_mismatch";
  }
}
