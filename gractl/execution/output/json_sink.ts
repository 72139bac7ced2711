import { SHOWN_STREAM_BYTES } from "../../../shared/limits.ts";
import type { Event, MimeBundle } from "../../client/executions.ts";
import { OverwrittenLines } from "./overwritten_lines.ts";
import type { Output } from "../../ui/output.ts";
import { type ArtifactFields, artifactFields } from "../../documents/artifact_fields.ts";
import { executionFields } from "../../documents/execution_document.ts";
import { BoundedBytes } from "./bounded_bytes.ts";
import { Clears } from "./clears.ts";
import type { EventSink } from "./event_sink.ts";
import { type MimeFields, mimeFields } from "../../documents/mime_fields.ts";
import type { FileSaver } from "./output_saver.ts";
import { omitted, type Summary } from "./summary.ts";

/** Of all results together; further results are omitted. */
const RESULT_CHARACTERS = 1_024 * 1_024;
const MAX_RESULTS = 1_000;

const newStreams = () => ({
  stdout: new BoundedBytes(SHOWN_STREAM_BYTES),
  stderr: new BoundedBytes(SHOWN_STREAM_BYTES),
});

/** Collects the JSON document of an execution. Its size is bounded, however much the code prints. */
export class JsonSink implements EventSink {
  readonly #out: Output;
  readonly #summary: Summary;
  readonly #saver: FileSaver;
  readonly #clears = new Clears();
  readonly #lines = { stdout: new OverwrittenLines(), stderr: new OverwrittenLines() };
  #streams = newStreams();
  #results: { mime: MimeFields }[] = [];
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
    if (this.#clears.before(event)) this.#clear();
    if (event.type === "stdout" || event.type === "stderr") {
      this.#streams[event.type].add(this.#lines[event.type].write(event.data));
    } else if (event.type === "result" || event.type === "display") await this.#result(event.bundle);
    else if (event.type === "artifact") {
      this.#artifacts.push(artifactFields(event.artifact, await this.#saver.artifact(event.artifact)));
    }
  }

  #clear(): void {
    for (const lines of Object.values(this.#lines)) lines.clear();
    this.#streams = newStreams();
    this.#results = [];
    this.#displays.clear();
    this.#characters = 0;
    this.#resultsCut = false;
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

  readonly isAtLineStart = true;

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
    for (const name of ["stdout", "stderr"] as const) this.#streams[name].add(this.#lines[name].end());
    const { stdout, stderr } = this.#streams;
    this.#nameWhole("stdout", stdout);
    this.#nameWhole("stderr", stderr);
    const fields = executionFields(this.#summary, {
      stdout: stdout.text(),
      stderr: stderr.text(),
      results: this.#results,
      artifacts: this.#artifacts,
      omitted: {
        stdout: stdout.omitted > 0,
        stderr: stderr.omitted > 0,
        results: this.#resultsCut,
      },
    });
    this.#out.document("Execution", fields, () => "");
    return Promise.resolve();
  }
}
