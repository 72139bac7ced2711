import type { Event } from "../client/executions.ts";

/** An option of commands that follow an execution. */
export const NO_INLINE_OPTION = [
  "--no-inline",
  "do not show plots in the terminal (kitty and iTerm2 can)",
] as const;
/** An option of every command that shows an execution. */
export const FULL_TRACEBACK_OPTION = [
  "--full-traceback",
  "show the frames of libraries in tracebacks, too",
  false,
] as const;

/** The events, with `full` with the frames of libraries in tracebacks. */
export async function* tracebacks(
  events: AsyncIterable<Event>,
  { full }: { full: boolean },
): AsyncGenerator<Event> {
  for await (const event of events) yield full ? withFullTraceback(event) : event;
}

function withFullTraceback(event: Event): Event {
  if (event.type !== "error" || event.error.fullTraceback.length === 0) return event;
  return { ...event, error: { ...event.error, traceback: event.error.fullTraceback } };
}
