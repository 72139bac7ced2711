import { GradError } from "../../shared/errors.ts";
import type { Event, Execution } from "../client/executions.ts";
import type { GradClient } from "../client/grad_client.ts";
import type { Deps } from "../deps.ts";
import { download } from "../file/download.ts";
import type { EventSink } from "./output/event_sink.ts";
import { imageProtocol } from "../ui/inline_image.ts";
import { attachHint } from "./interrupts.ts";
import { ElapsedLine } from "./output/elapsed_line.ts";
import { JsonSink } from "./output/json_sink.ts";
import { NdjsonSink } from "./output/ndjson_sink.ts";
import type { OutputFolders } from "./output/output_folder.ts";
import { OutputSaver } from "./output/output_saver.ts";
import { exitOfStatus, Summary } from "./output/summary.ts";
import { TextSink } from "./output/text_sink.ts";

export type ShowOptions = Readonly<{
  execution: Execution;
  events: AsyncIterable<Event>;
  client: GradClient;
  /** Where its files are saved. */
  outputs: OutputFolders;
  artifacts: boolean;
  /** Show images on a terminal that takes them. */
  inline: boolean;
  warnings: readonly string[];
  signal: AbortSignal;
}>;

/** Prints all events of an execution in the output format, and sets the exit code to that of its status. */
export async function showExecution(deps: Deps, options: ShowOptions): Promise<void> {
  const { execution, client, signal } = options;
  const summary = new Summary(execution, options.warnings);
  const saver = new OutputSaver({
    folder: options.outputs(execution.id),
    ids: deps.ids,
    executionId: execution.id,
    artifacts: options.artifacts,
    async download(path, to, announced, { exclusive }) {
      const source = { runner: execution.runner, path };
      await download({ files: client.files, signal }, { source, to, announced, exclusive });
    },
    warn: (text) => sink.warning(summary.warn(text)),
  });
  const sink = sinkOf(deps, { summary, saver, inline: options.inline });
  for (const warning of options.warnings) sink.warning(warning);
  await using elapsed = new ElapsedLine({
    out: deps.out,
    clock: deps.clock,
    mayShow: () => sink.isAtLineStart,
  });
  try {
    for await (const event of options.events) {
      const warning = summary.add(event);
      if (event.type === "started") elapsed.started(event.time);
      else if (event.type === "artifact" || event.type === "finished") elapsed.ended();
      else elapsed.output();
      await sink.event(event);
      if (warning !== undefined) sink.warning(warning);
    }
  } catch (thrown) {
    throw stillRunning(thrown, execution.id);
  }
  await sink.end();
  const exit = exitOfStatus(summary.execution.status);
  if (exit !== 0) deps.endWith(exit);
}

function sinkOf(
  deps: Deps,
  { summary, saver, inline }: { summary: Summary; saver: OutputSaver; inline: boolean },
): EventSink {
  const { out, cwd } = deps;
  if (out.format === "json") return new JsonSink({ out, summary, saver });
  if (out.format === "ndjson") return new NdjsonSink({ out, executionId: summary.execution.id, saver });
  const images = inline && out.isTerminal("stdout") ? imageProtocol(deps.env) : undefined;
  return new TextSink({ out, summary, saver, cwd, images });
}

/** Adds the hint how to attach again to a failure in the middle of an execution. */
function stillRunning(thrown: unknown, id: string): unknown {
  if (!(thrown instanceof GradError)) return thrown;
  const hint = attachHint(id);
  if (thrown.code === "cancelled") return new GradError("cancelled", thrown.message, { hint, cause: thrown });
  if (thrown.code === "grad_unavailable" || thrown.code === "runner_unavailable") {
    const message = `Cannot follow ${id} any more: ${thrown.message}`;
    return new GradError("outcome_unknown", message, { hint, cause: thrown });
  }
  return thrown;
}
