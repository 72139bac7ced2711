import type { Clock } from "../../shared/clock.ts";
import { GradError, messageOf } from "../../shared/errors.ts";
import { API } from "../../shared/version.ts";
import type { AgentInfo } from "../agent/agent.ts";
import type { RunnerBackend } from "./backend.ts";
import type { RunnerRecord } from "./runner.ts";

/** Longest time from the components' start to a kernel component that can start kernels: imports on a cold, busy disk. */
const READY_MS = 90_000;
/** A component that ended this often without ever staying up will not stay up. */
const HOPELESS_RESTARTS = 4;

/** Tells what the start is doing, for the record. */
export type Progress = (message: string) => Promise<unknown>;

/**
 * Starts the components and waits until kernels can be started. Fails early where waiting has no sense.
 * @throws {GradError} `runner_failed`, `sandbox_unavailable`, `version_mismatch`, or the signal's reason
 */
export async function startRunner(
  backend: RunnerBackend,
  record: RunnerRecord,
  options: { clock: Clock; progress: Progress; signal: AbortSignal },
): Promise<AgentInfo> {
  const { clock, progress, signal } = options;
  await progress("starting components");
  await backend.start(record);
  signal.throwIfAborted();
  await progress("waiting for the kernel component");
  return await waitUntilReady(backend, record, { clock, signal });
}

/** See {@link startRunner}: the second half, for components that are up. */
export async function waitUntilReady(
  backend: RunnerBackend,
  record: RunnerRecord,
  options: { clock: Clock; signal: AbortSignal },
): Promise<AgentInfo> {
  const { clock, signal } = options;
  const { agent } = backend.components(record.id);
  const endsAt = clock.now() + READY_MS;
  for (;;) {
    signal.throwIfAborted();
    const info = await agent.getInfo(1_000, signal).catch(ignoreUnavailable);
    if (info !== undefined) checkApi(record, info);
    if (info?.ready) return info;
    const fault = await faultOf(backend, record.id) ??
      (clock.now() > endsAt ? "it took too long" : undefined);
    if (fault !== undefined) {
      throw new GradError("runner_failed", `Cannot make the runner "${record.ref.name}" ready: ${fault}`, {
        hint: "`gractl doctor` looks for the cause; the next execution tries again.",
      });
    }
    await clock.sleep(20, signal);
  }
}

/** Why the components will never be ready, as far as their init can tell. */
async function faultOf(backend: RunnerBackend, id: string): Promise<string | undefined> {
  const components = await backend.inspect(id);
  if (components === undefined) {
    return withWords("its components have ended", await backend.logTail(id, "init"));
  }
  const broken = components.find((component) => !component.alive && component.restarts >= HOPELESS_RESTARTS);
  if (broken === undefined) return undefined;
  const words = await backend.logTail(id, broken.name);
  return withWords(`its ${broken.name} component ends again and again (${broken.lastExit})`, words);
}

function withWords(fault: string, words: string): string {
  return words === "" ? fault : `${fault}: ${words}`;
}

function checkApi(record: RunnerRecord, info: AgentInfo): void {
  if (info.api === API) return;
  throw new GradError(
    "version_mismatch",
    `Cannot use the runner "${record.ref.name}": its agent speaks API ${info.api}, grad ${API}`,
    { hint: "Destroy the runner; a new one has this version's agent." },
  );
}

function ignoreUnavailable(thrown: unknown): undefined {
  if (thrown instanceof GradError && thrown.code === "runner_unavailable") return undefined;
  throw thrown;
}

/** What to tell of a failed start: its own words if it has some. */
export function startFailure(record: RunnerRecord, thrown: unknown): GradError {
  if (thrown instanceof GradError) return thrown;
  return new GradError(
    "runner_failed",
    `Cannot start the runner "${record.ref.name}": ${messageOf(thrown)}`,
    { cause: thrown },
  );
}
