import type { Event, Execution } from "../client/executions.ts";
import type { Deps } from "../deps.ts";
import { printableLines } from "../ui/printable.ts";
import { JsonSink } from "./output/json_sink.ts";
import { SavedFiles } from "./output/saved_files.ts";
import { Summary } from "./output/summary.ts";
import { TextSink } from "./output/text_sink.ts";

export type ReviewOptions = Readonly<{
  execution: Execution;
  /** Those that there are. */
  events: AsyncIterable<Event>;
  workspaceDir: string | undefined;
}>;

/**
 * Prints an execution with its code and its output so far. Nothing is downloaded: files are shown where earlier calls saved them. The exit
 * code does not depend on the status.
 */
export async function reviewExecution(deps: Deps, options: ReviewOptions): Promise<void> {
  const { out, cwd } = deps;
  const { execution, events, workspaceDir } = options;
  const summary = new Summary(execution);
  const saver = new SavedFiles({ workspaceDir, executionId: execution.id });
  if (out.format !== "text") {
    const sink = new JsonSink({ out, summary, saver });
    for await (const event of events) {
      summary.add(event);
      await sink.event(event);
    }
    return await sink.end();
  }
  const { executionText } = await import("../documents/execution_text.ts");
  const heading = (text: string) => out.style.dim(`${text}:`);
  const code = execution.code === "" ? [] : ["", heading("code"), printableLines(execution.code.trimEnd())];
  out.text([executionText(execution, out.style), ...code].join("\n"));
  const sink = new TextSink({ out, summary, saver, cwd });
  let began = false;
  for await (const event of events) {
    const warning = summary.add(event);
    if (!began && !["queued", "started", "finished"].includes(event.type)) {
      out.text(`\n${heading("output")}`);
      began = true;
    }
    await sink.event(event);
    if (warning !== undefined) sink.warning(warning);
  }
  await sink.end();
}
