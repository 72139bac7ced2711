import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import type { Runner, RunnerCalls, RunnerRef } from "../client/runners.ts";
import { printable } from "../ui/printable.ts";
import type { Output } from "../ui/output.ts";

/** Whatever is quicker needs no words. */
const LOOK_MS = 300;

/** What is shown while a call waits for its runner. */
export function describeStart(name: string, runner: Runner | undefined): string {
  if (runner === undefined) return `starting ${name}`;
  const mounting = runner.datasets.filter(({ state }) => state === "mounting").map((each) => each.name);
  if (runner.phase === "ready" || runner.phase === "unspecified") {
    return mounting.length > 0 ? `${name}: mounting ${mounting.join(", ")}` : `running in ${name}`;
  }
  const doing = runner.phaseMessage === "" ? runner.phase : runner.phaseMessage;
  return `starting ${name}: ${printable(doing)}`;
}

/** Shows on a terminal what a slow call waits for, until it is disposed. */
export function showStart(
  deps: Readonly<{ out: Output; clock: Clock; runners: Pick<RunnerCalls, "get"> }>,
  ref: RunnerRef,
): AsyncDisposable {
  const over = new AbortController();
  const watch = async () => {
    if (!deps.out.interactive || deps.out.quiet) return;
    for (;;) {
      await deps.clock.sleep(LOOK_MS, over.signal);
      const runner = await deps.runners.get(ref, over.signal).catch((thrown) => {
        if (thrown instanceof GradError && thrown.code === "runner_not_found") return undefined;
        throw thrown;
      });
      if (over.signal.aborted) return;
      deps.out.progress(`${describeStart(ref.name, runner)}…`);
    }
  };
  // Whatever goes wrong here is told by the call that is waited for.
  const watching = watch().catch(() => {});
  return {
    async [Symbol.asyncDispose]() {
      over.abort(new GradError("cancelled", "No longer watched"));
      await watching;
      deps.out.progress(undefined);
    },
  };
}
