import type { Event } from "../../client/executions.ts";

/** What is done with an execution's events: one for each output format. Events come in order, one at a time. */
export interface EventSink {
  event(event: Event): Promise<void>;
  /** Something that people should know. */
  warning(text: string): void;
  /** After the last event that there is. */
  end(): Promise<void>;
}
