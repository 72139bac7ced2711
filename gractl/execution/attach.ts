import type { GradClient } from "../client/grad_client.ts";
import type { EventBatch } from "../client/executions.ts";
import type { Deps } from "../deps.ts";
import { follow } from "./follow.ts";
import type { OutputFolders } from "./output/output_folder.ts";
import { Interrupts } from "./interrupts.ts";
import { showExecution } from "./show_execution.ts";
import { tracebacks } from "./tracebacks.ts";

export type AttachOptions = Readonly<{
  /** The id of the execution. */
  find(client: GradClient): Promise<string>;
  /** Number of the first event to show, from 1. */
  fromSeq: number;
  artifacts: boolean;
  /** Show images on a terminal that takes them. */
  inline: boolean;
  /** Show the frames of libraries in tracebacks. */
  fullTraceback: boolean;
  /** Where files are saved. */
  outputs: OutputFolders;
}>;

/** Shows an execution that another command started, with the same handling of Ctrl-C. */
export async function attach(deps: Deps, options: AttachOptions): Promise<void> {
  await using client = await deps.connect();
  const found = await client.executions.get(await options.find(client), deps.signal);
  const execution = { ...found, code: "" }; // the document is that of execute-code, which does not repeat the code
  const interrupts = new Interrupts(client.executions, deps.out);
  interrupts.started(execution);
  using _ = deps.onInterrupt(() => interrupts.press());
  const signal = AbortSignal.any([deps.signal, interrupts.signal]);
  const batch: EventBatch = { events: [], nextSeq: options.fromSeq, done: false };
  await showExecution(deps, {
    execution,
    events: tracebacks(follow(client.executions, { executionId: execution.id, batch }, signal), {
      full: options.fullTraceback,
    }),
    client,
    outputs: options.outputs,
    artifacts: options.artifacts,
    inline: options.inline,
    warnings: [],
    signal,
  });
  await interrupts.settled();
}
