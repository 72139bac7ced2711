import type { ComponentLog } from "../client/runners.ts";
import { printable } from "../ui/printable.ts";
import type { Style } from "../ui/style.ts";
import type { DocumentFields } from "./schema/documents.ts";

/** Fields of kind RunnerLogs. */
export function logsFields(runner: string, logs: readonly ComponentLog[]): DocumentFields<"RunnerLogs"> {
  return { runner, logs: logs.map(({ component, text, previous }) => ({ component, text, previous })) };
}

/** Each component's log below a heading. Line breaks pass; other control sequences are made visible. */
export function logsText(logs: readonly ComponentLog[], style: Style): string {
  if (logs.length === 0) return "No logs: the runner has no components now.";
  return logs.map(({ component, text, previous }) => {
    const heading = style.dim(`==> ${component}${previous ? ", before its last restart" : ""}`);
    const lines = text.trimEnd().split("\n").map((line) => printable(line));
    return [heading, ...text.trim() === "" ? ["(nothing)"] : lines].join("\n");
  }).join("\n\n");
}
