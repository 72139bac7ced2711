import type { Event } from "../../client/executions.ts";

/** Prints the events of an execution in one output format. Calls are sequential, in the order of the events. */
export interface EventSink {
  event(event: Event): Promise<void>;
  /** Prints a text about something that the user should know. */
  warning(text: string): void;
  /** Nothing is in the line of the cursor, so that something may be shown there for a moment. */
  readonly isAtLineStart: boolean;
  /** Called after the last event. */
  end(): Promise<void>;
}
