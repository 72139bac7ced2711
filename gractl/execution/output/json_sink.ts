import { SHOWN_STREAM_BYTES } from "../../../shared/limits.ts";
import type { Event, MimeBundle } from "../../client/executions.ts";
import type { Output } from "../../ui/output.ts";
import { type ArtifactFields, artifactFields } from "../../documents/artifact_fields.ts";
import { executionFields } from "../../documents/execution_document.ts";
import { BoundedBytes } from "./bounded_bytes.ts";
import type { EventSink } from "./event_sink.ts";
import { type MimeFields, mimeFields } from "../../documents/mime_fields.ts";
import type { FileSaver } from "./output_saver.ts";
import { omitted, type Summary } from "./summary.ts";

const STREAM_BYTES = SHOWN_STREAM_BYTES;
/** Of all results together; further results are omitted. */
const RESULT_CHARACTERS = 1_024 * 1_024;
const MAX_RESULTS = 1_000;

/** Collects the JSON document of an execution. Its size is bounded, however much the code prints. */
export class JsonSink implements EventSink {
  readonly #out: Output;
  readonly #summary: Summary;
  readonly #saver: FileSaver;
  readonly #stdout = new BoundedBytes(STREAM_BYTES);
  readonly #stderr = new BoundedBytes(STREAM_BYTES);
  readonly #results: { mime: MimeFields }[] = [];
  /** Index in `#results`, by display id. */
  readonly #displays = new Map<string, number>();
  readonly #artifacts: ArtifactFields[] = [];
  #characters = 0;
  #resultsCut = false;

  constructor(options: { out: Output; summary: Summary; saver: FileSaver }) {
    this.#out = options.out;
    this.#summary = options.summary;
    this.#saver = options.saver;
  }

  async event(event: Event): Promise<void> {
    if (event.type === "stdout") this.#stdout.add(event.data);
    else if (event.type === "stderr") this.#stderr.add(event.data);
    else if (event.type === "result" || event.type === "display") await this.#result(event.bundle);
    else if (event.type === "artifact") {
      this.#artifacts.push(artifactFields(event.artifact, await this.#saver.artifact(event.artifact)));
    }
  }

  async #result(bundle: MimeBundle): Promise<void> {
    const at = bundle.update ? this.#displays.get(bundle.displayId) : undefined;
    if (at === undefined && this.#results.length >= MAX_RESULTS) {
      this.#resultsCut = true;
      return;
    }
    const { mime, characters, cut } = await mimeFields(bundle, (part) => this.#saver.part(part));
    this.#resultsCut ||= cut;
    if (this.#characters + characters > RESULT_CHARACTERS) {
      this.#resultsCut = true;
      return;
    }
    this.#characters += characters;
    if (at !== undefined) {
      this.#results[at] = { mime };
      return;
    }
    if (bundle.displayId !== "") this.#displays.set(bundle.displayId, this.#results.length);
    this.#results.push({ mime });
  }

  // The summary adds warnings to the document.
  warning(): void {}

  /** Says where all of a stream is that is shown in part; of one that the runner itself has cut, a gap says so. */
  #nameWhole(of: "stdout" | "stderr", { omitted: amount }: BoundedBytes): void {
    const { id, truncated } = this.#summary.execution;
    if (amount > 0 && !truncated?.[of]) {
      this.#summary.warn(omitted({ of, amount, path: `outputs/${id}/${of}.txt` }));
    }
  }

  end(): Promise<void> {
    this.#nameWhole("stdout", this.#stdout);
    this.#nameWhole("stderr", this.#stderr);
    const fields = executionFields(this.#summary, {
      stdout: this.#stdout.text(),
      stderr: this.#stderr.text(),
      results: this.#results,
      artifacts: this.#artifacts,
      omitted: {
        stdout: this.#stdout.omitted > 0,
        stderr: this.#stderr.omitted > 0,
        results: this.#resultsCut,
      },
    });
    this.#out.document("Execution", fields, () => "");
    return Promise.resolve();
  }
}
