import type { Event } from "../client/executions.ts";

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
