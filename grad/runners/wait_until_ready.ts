import type { Clock } from "../../shared/clock.ts";
import type { ErrorCode } from "../../shared/error_codes.ts";
import { GradError, messageOf } from "../../shared/errors.ts";
import { API } from "../../shared/version.ts";
import type { AgentInfo } from "../agent/agent.ts";
import type { Observation, RunnerBackend } from "./backend.ts";
import type { RunnerRecord, RunnerStatus } from "./runner.ts";
import { type Reason, type Stage, STAGE_TEXT, STALL_MS } from "./stages.ts";

/** How long one call to the agent may wait for its readiness, in milliseconds. */
const ASK_MS = 1_000;
/**
 * How long a reason may last that often passes by itself, in milliseconds: a node has no free memory while the pod of another runner
 * still ends.
 */
const PASSING_MS: Readonly<Partial<Record<Reason, number>>> = { unschedulable: 10_000 };

/** What to do about a start that failed. */
const HINTS: Readonly<Partial<Record<Reason, string>>> = {
  unschedulable:
    "Request less with `--cpu` and `--memory`, pause or destroy runners that you do not need, or ask the cluster's operators for nodes.",
  image_unavailable:
    "Ask the operators of grad to correct the image of the environment, or use another environment.",
  volume_unavailable:
    "Ask the operators of grad to check the storage class of runners, and the cluster's free storage.",
};

/** A failed start, with the reason for the record. */
export class StartFailure extends GradError {
  constructor(readonly reason: Reason, ...error: ConstructorParameters<typeof GradError>) {
    super(...error);
  }
}

export type ReadyOptions = Readonly<{
  clock: Clock;
  signal: AbortSignal;
  /** Called whenever another stage begins. */
  report: (stage: Stage) => Promise<void>;
}>;

/**
 * Waits until kernels can be started and datasets attached in a runner whose components have been started. There is no time limit as long as there is
 * progress; it fails at once when the components have ended or will not stay up.
 * @throws {StartFailure} `runner_failed`, `version_mismatch`; or the signal's reason
 */
export async function waitUntilReady(
  backend: Pick<RunnerBackend, "observe" | "connect" | "logs" | "pollMs">,
  record: RunnerRecord,
  { clock, signal, report }: ReadyOptions,
): Promise<AgentInfo> {
  let seen = { stage: "" as Stage | "", progress: "", sinceMs: clock.now() };
  let failing: { reason: Reason; sinceMs: number } | undefined;
  for (;;) {
    signal.throwIfAborted();
    const [info, canAttach] = await askComponents(backend, record, signal);
    if (info !== undefined) checkApi(record, info);
    if (info?.ready && canAttach) return info;
    const observed = await backend.observe(record.id);
    if (observed.state === "absent") {
      throw failure(record, "components_ended", await ended(backend, record.id, observed));
    }
    if (observed.state === "failing") {
      if (failing?.reason !== observed.reason) failing = { reason: observed.reason, sinceMs: clock.now() };
      if (clock.now() - failing.sinceMs >= (PASSING_MS[observed.reason] ?? 0)) {
        throw failure(record, observed.reason, observed.message);
      }
    } else failing = undefined;
    const { stage, progress } = observed;
    if (stage !== seen.stage || progress !== seen.progress) {
      if (stage !== seen.stage) await report(stage);
      seen = { stage, progress, sinceMs: clock.now() };
    }
    if (clock.now() - seen.sinceMs > STALL_MS[stage]) {
      const stalled = `it made no progress for ${STALL_MS[stage] / 1000} s while ${STAGE_TEXT[stage]}`;
      throw failure(record, "no_progress", stalled);
    }
    await clock.sleep(backend.pollMs, signal);
  }
}

/** What the agent says, and whether the data component answers: in a pod it may start after the agent. */
async function askComponents(
  backend: Pick<RunnerBackend, "connect">,
  record: RunnerRecord,
  signal: AbortSignal,
): Promise<[AgentInfo | undefined, boolean]> {
  const components = await backend.connect(record).catch(unlessAway(undefined));
  if (components === undefined) return [undefined, false];
  const { agent, data } = components;
  return await Promise.all([
    agent.getInfo(ASK_MS, signal).catch(unlessAway(undefined)),
    data.getStatus(signal).then(() => true, unlessAway(false)),
  ]);
}

function unlessAway<T>(answer: T): (thrown: unknown) => T {
  return (thrown) => {
    if (thrown instanceof GradError && thrown.code === "runner_unavailable") return answer;
    throw thrown;
  };
}

async function ended(backend: Pick<RunnerBackend, "logs">, id: string, { message }: Observation) {
  const log = message || await backend.logs(id, "init");
  return log === "" ? "its components have ended" : `its components have ended: ${log}`;
}

function failure(record: RunnerRecord, reason: Reason, why: string): StartFailure {
  return new StartFailure(
    reason,
    "runner_failed",
    `Cannot make the runner "${record.ref.name}" ready: ${why}`,
    { hint: HINTS[reason] ?? "Run `gractl doctor` to find the cause; the next execution tries again." },
  );
}

function checkApi(record: RunnerRecord, info: AgentInfo): void {
  if (info.api === API) return;
  throw new StartFailure(
    "version_mismatch",
    "version_mismatch",
    `Cannot use the runner "${record.ref.name}": its agent has API ${info.api}, grad has API ${API}`,
    { hint: "Destroy the runner; a new one gets this version's agent." },
  );
}

const REASONS: Readonly<Partial<Record<ErrorCode, Reason>>> = {
  sandbox_unavailable: "sandbox_unavailable",
  quota_exhausted: "quota_exceeded",
};

/** The status of a failed start, and the error for its callers, from whatever the start threw. */
export function startFailure(
  record: RunnerRecord,
  thrown: unknown,
): { error: GradError; status: Partial<RunnerStatus> } {
  const error = thrown instanceof GradError ? thrown : new GradError(
    "runner_failed",
    `Cannot start the runner "${record.ref.name}": ${messageOf(thrown)}`,
    { cause: thrown },
  );
  const reason = error instanceof StartFailure ? error.reason : REASONS[error.code] ?? "start_failed";
  const failure = { code: error.code, hint: error.hint ?? "" };
  return { error, status: { phase: "failed", stage: "none", reason, message: error.message, failure } };
}

/** The error of a start that failed, as the record has it: whichever instance made the attempt. */
export function recordedFailure({ ref, status }: RunnerRecord): GradError {
  const { code = "runner_failed", hint = "" } = status.failure ?? {};
  const message = status.message || `Cannot start the runner "${ref.name}"`;
  return new GradError(code, message, hint === "" ? {} : { hint });
}
