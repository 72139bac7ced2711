import type { Event } from "../../client/executions.ts";
import type { Output } from "../../ui/output.ts";
import { printable } from "../../ui/printable.ts";
import { artifactFields } from "../../documents/artifact_fields.ts";
import { executionErrorFields } from "../../documents/execution_document.ts";
import type { EventSink } from "./event_sink.ts";
import { instant } from "../../documents/instant.ts";
import type { DocumentFields } from "../../documents/schema/documents.ts";
import { mimeFields } from "../../documents/mime_fields.ts";
import type { FileSaver } from "./output_saver.ts";

/** Prints each event as one line of kind Event, as soon as it arrives. */
export class NdjsonSink implements EventSink {
  readonly #out: Output;
  readonly #executionId: string;
  readonly #saver: FileSaver;
  /** One decoder per stream, since a UTF-8 character may be split between two events. */
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };

  constructor(options: { out: Output; executionId: string; saver: FileSaver }) {
    this.#out = options.out;
    this.#executionId = options.executionId;
    this.#saver = options.saver;
  }

  async event(event: Event): Promise<void> {
    if (event.type === "finished") await this.#flush(event);
    await this.#out.line("Event", await this.#fields(event));
  }

  #head({ seq, time }: Event) {
    return { execution: this.#executionId, seq, time: instant(time) };
  }

  async #fields(event: Event): Promise<DocumentFields<"Event">> {
    const head = this.#head(event);
    switch (event.type) {
      case "stdout":
      case "stderr":
        return {
          ...head,
          type: event.type,
          text: this.#decoders[event.type].decode(event.data, { stream: true }),
        };
      case "result":
      case "display": {
        const { mime } = await mimeFields(event.bundle, (part) => this.#saver.part(part));
        const { displayId, update } = event.bundle;
        return { ...head, type: event.type, mime, displayId: displayId === "" ? null : displayId, update };
      }
      case "error":
        return { ...head, type: event.type, error: executionErrorFields(event.error) };
      case "artifact":
        return {
          ...head,
          type: event.type,
          artifact: artifactFields(event.artifact, await this.#saver.artifact(event.artifact)),
        };
      case "gap":
        return {
          ...head,
          type: event.type,
          gap: { ...event.gap, path: event.gap.path === "" ? null : event.gap.path },
        };
      case "queued":
        return { ...head, type: event.type, ahead: event.ahead };
      case "started":
        return {
          ...head,
          type: event.type,
          generation: event.generation,
          freshKernel: event.freshKernel,
          previousEnd: event.previousEnd === "" ? null : event.previousEnd,
        };
      case "finished":
        return {
          ...head,
          type: event.type,
          status: event.status,
          durationMs: event.durationMs,
          usage: event.usage ?? null,
          truncated: event.truncated ?? null,
        };
      case "clear":
        return { ...head, type: event.type, wait: event.wait };
      case "unknown":
        return { ...head, type: event.type };
    }
  }

  /** Prints an incomplete character at the end of a stream. Its line has the `seq` of `finished`, since there is no event for it. */
  async #flush(finished: Event): Promise<void> {
    for (const type of ["stdout", "stderr"] as const) {
      const text = this.#decoders[type].decode();
      if (text !== "") await this.#out.line("Event", { ...this.#head(finished), type, text });
    }
  }

  readonly isAtLineStart = true;

  warning(text: string): void {
    this.#out.note(`warning: ${printable(text)}`);
  }

  end(): Promise<void> {
    return Promise.resolve();
  }
}
