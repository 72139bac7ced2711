import { shellCommand } from "../../shared/shell_quote.ts";
import type { ExecuteRequest, Execution } from "../client/executions.ts";
import type { Deps } from "../deps.ts";
import { durationMs, executionFields, NO_OUTPUT } from "../documents/execution_document.ts";
import { unavailableText } from "./unavailable_text.ts";
import { follow } from "./follow.ts";
import type { OutputFolders } from "./output/output_folder.ts";
import { Interrupts } from "./interrupts.ts";
import { printable } from "../ui/printable.ts";
import { showExecution } from "./show_execution.ts";
import { showStart } from "./start_progress.ts";
import { tracebacks } from "./tracebacks.ts";

/** How long the first call waits for an event. Short, because the execution's id is known only from its response. */
const FIRST_WAIT_MS = 1_000;

export type ExecuteOptions = Readonly<{
  request: Omit<ExecuteRequest, "waitMs">;
  /** Where files are saved. */
  outputs: OutputFolders;
  /** Return as soon as grad has accepted the execution. */
  detach: boolean;
  artifacts: boolean;
  /** Show images on a terminal that takes them. */
  inline: boolean;
  /** Show the frames of libraries in tracebacks. */
  fullTraceback: boolean;
  warnings: readonly string[];
  /** Why the keys of a dataset are not sent, by its name. */
  missingKeys: ReadonlyMap<string, string>;
}>;

/** Runs code in a runner and shows its output until it ends. */
export async function execute(deps: Deps, options: ExecuteOptions): Promise<void> {
  const { out } = deps;
  await using client = await deps.connect();
  const interrupts = new Interrupts(client.executions, out);
  using _ = deps.onInterrupt(() => interrupts.press());
  const signal = AbortSignal.any([deps.signal, interrupts.signal]);

  const answer = await (async () => {
    await using _start = showStart(
      { out, clock: deps.clock, runners: client.runners },
      options.request.runner,
    );
    const waitMs = options.detach ? 0 : FIRST_WAIT_MS;
    return await client.executions.execute({ ...options.request, waitMs }, signal);
  })();
  const { execution, resumed } = answer;
  if (resumed) out.note(`The runner ${options.request.runner.name} was paused; it is resumed.`);
  interrupts.started(execution);

  const warnings = [
    ...options.warnings,
    ...answer.unavailableDatasets.map((dataset) => unavailableText(dataset, options.missingKeys)),
  ];
  if (options.detach) return printDetached(deps, execution, warnings);
  await showExecution(deps, {
    execution,
    events: tracebacks(follow(client.executions, { executionId: execution.id, batch: answer }, signal), {
      full: options.fullTraceback,
    }),
    client,
    outputs: options.outputs,
    artifacts: options.artifacts,
    inline: options.inline,
    warnings,
    signal,
  });
  await interrupts.settled();
}

/** Prints an execution that has just been accepted. */
function printDetached({ out }: Deps, execution: Execution, warnings: readonly string[]): void {
  const fields = executionFields({ execution, durationMs: durationMs(execution), warnings }, NO_OUTPUT);
  out.document("Execution", fields, () => execution.id);
  if (out.format === "text") {
    for (const warning of warnings) out.warn(`warning: ${printable(warning)}`);
    out.note(
      `The code continues to run. Show its output: ${shellCommand`gractl execution attach ${execution.id}`}`,
    );
  }
}
