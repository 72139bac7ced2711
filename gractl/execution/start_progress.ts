import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import type { Runner, RunnerCalls, RunnerRef } from "../client/runners.ts";
import { printable } from "../ui/printable.ts";
import type { Output } from "../ui/output.ts";

/** Interval of polling the runner. Faster starts show no progress. */
const POLL_MS = 300;

/** The progress text while a call waits for its runner. */
export function describeStart(name: string, runner: Runner | undefined): string {
  if (runner === undefined) return `starting ${name}`;
  const mounting = runner.datasets.filter(({ state }) => state === "mounting").map((each) => each.name);
  if (runner.phase === "ready" || runner.phase === "unspecified") {
    return mounting.length > 0 ? `${name}: mounting ${mounting.join(", ")}` : `running in ${name}`;
  }
  const step = runner.phaseMessage === "" ? runner.phase : runner.phaseMessage;
  return `starting ${name}: ${printable(step)}`;
}

/** Shows on a terminal what a slow call waits for. Disposing it stops and clears the progress. */
export function showStart(
  deps: Readonly<{ out: Output; clock: Clock; runners: Pick<RunnerCalls, "get"> }>,
  ref: RunnerRef,
): AsyncDisposable {
  const stop = new AbortController();
  const watch = async () => {
    if (!deps.out.interactive || deps.out.quiet) return;
    for (;;) {
      await deps.clock.sleep(POLL_MS, stop.signal);
      const runner = await deps.runners.get(ref, stop.signal).catch((thrown) => {
        if (thrown instanceof GradError && thrown.code === "runner_not_found") return undefined;
        throw thrown;
      });
      if (stop.signal.aborted) return;
      deps.out.progress(`${describeStart(ref.name, runner)}…`);
    }
  };
  // Errors are ignored: the call that is being waited for reports them.
  const watching = watch().catch(() => {});
  return {
    async [Symbol.asyncDispose]() {
      stop.abort(new GradError("cancelled", "The call has ended"));
      await watching;
      deps.out.progress(undefined);
    },
  };
}
