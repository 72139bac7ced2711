import { relative } from "node:path";
import { shellCommand } from "../../../shared/shell_quote.ts";
import { ERROR_CODES, isErrorCode } from "../../../shared/error_codes.ts";
import { formatDuration } from "../../../shared/duration.ts";
import { formatSize } from "../../../shared/size.ts";
import type { Artifact, Event, ExecutionError, MimeBundle, MimePart } from "../../client/executions.ts";
import { executionErrorFields } from "../../documents/execution_document.ts";
import { parseTable, TABLE_TYPE } from "../../documents/table.ts";
import type { Output } from "../../ui/output.ts";
import { printable, printableLines } from "../../ui/printable.ts";
import type { EventSink } from "./event_sink.ts";
import type { FileSaver } from "./output_saver.ts";
import type { Summary } from "./summary.ts";

/** Further files are counted, not listed. */
const MAX_LISTED = 20;

const encoder = new TextEncoder();

/** Prints an execution for people while it runs: its streams as they are (harmless on a terminal), results as text, images as paths of files. */
export class TextSink implements EventSink {
  readonly #out: Output;
  readonly #summary: Summary;
  readonly #saver: FileSaver;
  readonly #cwd: string;
  readonly #artifacts: { artifact: Artifact; localPath: string | undefined }[] = [];
  /** Paths in the runner of images that were printed already. */
  readonly #shown = new Set<string>();
  /** Whether standard output does not end with a line break. */
  #midLine = false;

  constructor(options: { out: Output; summary: Summary; saver: FileSaver; cwd: string }) {
    this.#out = options.out;
    this.#summary = options.summary;
    this.#saver = options.saver;
    this.#cwd = options.cwd;
  }

  async event(event: Event): Promise<void> {
    switch (event.type) {
      case "queued":
        if (event.ahead > 0) {
          this.#out.progress(
            `waiting for ${event.ahead} earlier ${
              event.ahead === 1 ? "execution" : "executions"
            } of the session`,
          );
        }
        return;
      case "started":
        return this.#out.progress(undefined);
      case "stdout":
        this.#midLine = event.data.at(-1) !== 10;
        return await this.#out.write("stdout", event.data);
      case "stderr":
        return await this.#out.write("stderr", event.data);
      case "result":
      case "display":
        return await this.#bundle(event.bundle);
      case "error":
        return await this.#error(event);
      case "artifact":
        this.#artifacts.push({
          artifact: event.artifact,
          localPath: await this.#saver.artifact(event.artifact),
        });
        return;
      default:
        return;
    }
  }

  async #line(text: string): Promise<void> {
    const before = this.#midLine ? "\n" : "";
    this.#midLine = false;
    await this.#out.write("stdout", encoder.encode(`${before}${text}${text.endsWith("\n") ? "" : "\n"}`));
  }

  async #bundle({ parts }: MimeBundle): Promise<void> {
    const image = parts.find((part) => part.mediaType === "image/png") ??
      parts.find((part) => part.mediaType.startsWith("image/"));
    if (image !== undefined) return await this.#image(image);
    const table = parts.find((part) => part.mediaType === TABLE_TYPE);
    if (table !== undefined && await this.#table(table)) return;
    for (const type of ["text/plain", "text/markdown", "text/latex", "application/json", "text/html"]) {
      const part = parts.find((part) => part.mediaType === type);
      if (part === undefined) continue;
      if (part.data.length === 0 && part.bytes > 0) return await this.#reference(part);
      return await this.#line(new TextDecoder().decode(part.data));
    }
    for (const part of parts.slice(0, 1)) await this.#reference(part);
  }

  /** Whether the part is a table: code can show anything under its media type. */
  async #table(part: MimePart): Promise<boolean> {
    const table = parseTable(part.data);
    if (table === undefined) return false;
    const { tableText } = await import("../../documents/table_text.ts");
    await this.#line(tableText(table, { columns: this.#out.columns, style: this.#out.style }));
    return true;
  }

  async #image(part: MimePart): Promise<void> {
    const local = await this.#saver.part(part);
    this.#shown.add(part.path);
    await this.#line(`plot: ${this.#display(local, part.path)}`);
  }

  async #reference(part: MimePart): Promise<void> {
    const local = await this.#saver.part(part);
    const where = part.path === "" ? "" : `: ${this.#display(local, part.path)}`;
    await this.#line(`[${printable(part.mediaType)}, ${formatSize(part.bytes)}${where}]`);
  }

  /** The local path where there is one, relative to the current folder if that is shorter. */
  #display(local: string | undefined, remote: string): string {
    if (local === undefined) return `${printable(remote)} (in the runner)`;
    const near = relative(this.#cwd, local);
    return printable(near.startsWith("../../") ? local : near);
  }

  async #error({ error: raw }: Extract<Event, { type: "error" }>): Promise<void> {
    const error = executionErrorFields(raw);
    if (this.#midLine) await this.#line("");
    const { red, cyan } = this.#out.errorStyle;
    const lines = error.traceback.map(printableLines);
    // The last line of a traceback contains the message.
    if (error.code !== "code_raised" || lines.length === 0) {
      lines.push(`${red("error:")} ${printableLines(sentence(error))}`);
    }
    if (error.hint !== "") lines.push(`${cyan("hint:")} ${printableLines(error.hint)}`);
    await this.#out.write("stderr", encoder.encode(`${lines.join("\n")}\n`));
  }

  warning(text: string): void {
    this.#out.warn(`${this.#out.errorStyle.yellow("warning:")} ${printable(text)}`);
  }

  async end(): Promise<void> {
    this.#out.progress(undefined);
    await this.#out.endStreams();
    if (this.#midLine && this.#out.interactive) await this.#line("");
    const { dim } = this.#out.errorStyle;
    const files = this.#artifacts.filter(({ artifact }) => !this.#shown.has(artifact.path));
    for (const { artifact, localPath } of files.slice(0, MAX_LISTED)) {
      this.#out.note(
        `file: ${this.#display(localPath, artifact.path)} ${dim(`(${formatSize(artifact.bytes)})`)}`,
      );
    }
    if (files.length > MAX_LISTED) {
      this.#out.note(
        `and ${
          files.length - MAX_LISTED
        } more: ${shellCommand`gractl execution get ${this.#summary.execution.id}`}`,
      );
    }
    if (this.#out.interactive && this.#summary.finished) {
      const { execution: { id, session, status }, durationMs = 0 } = this.#summary;
      const ended = status.replaceAll("_", " ");
      this.#out.note(dim(`${ended} after ${formatDuration(durationMs)} · session ${session} · ${id}`));
    }
  }
}

/** The error as a sentence; without a message, that of the error catalogue. */
function sentence({ code, name, message }: Omit<ExecutionError, "fullTraceback">): string {
  if (message !== "") return name === "" ? message : `${name}: ${message}`;
  return isErrorCode(code) ? ERROR_CODES[code].cause : code;
}
