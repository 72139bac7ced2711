import { relative } from "node:path";
import { shellCommand } from "../../../shared/shell_quote.ts";
import { ERROR_CODES, isErrorCode } from "../../../shared/error_codes.ts";
import { formatDuration } from "../../../shared/duration.ts";
import { formatSize } from "../../../shared/size.ts";
import type { Artifact, Event, ExecutionError, MimeBundle, MimePart } from "../../client/executions.ts";
import { executionErrorFields } from "../../documents/execution_document.ts";
import { parseTable, TABLE_TYPE } from "../../documents/table.ts";
import { isWhole } from "../../documents/mime_fields.ts";
import type { ImageProtocol } from "../../ui/inline_image.ts";
import type { Output } from "../../ui/output.ts";
import { printable, printableLines } from "../../ui/printable.ts";
import { Clears } from "./clears.ts";
import { CodeOutput } from "./code_output.ts";
import type { EventSink } from "./event_sink.ts";
import type { FileSaver } from "./output_saver.ts";
import type { Summary } from "./summary.ts";

/** Further files are counted, not listed. */
const MAX_LISTED = 20;

/** Prints an execution for people while it runs: its streams as they are (harmless on a terminal), results as text, images as paths of files. */
export class TextSink implements EventSink {
  readonly #out: Output;
  readonly #summary: Summary;
  readonly #saver: FileSaver;
  readonly #cwd: string;
  readonly #images: ImageProtocol | undefined;
  readonly #artifacts: { artifact: Artifact; localPath: string | undefined }[] = [];
  /** Paths in the runner of images that were printed already. */
  readonly #shown = new Set<string>();
  readonly #code: CodeOutput;
  readonly #clears = new Clears();

  constructor(
    options: {
      out: Output;
      summary: Summary;
      saver: FileSaver;
      cwd: string;
      images?: ImageProtocol | undefined;
    },
  ) {
    this.#out = options.out;
    this.#summary = options.summary;
    this.#saver = options.saver;
    this.#cwd = options.cwd;
    this.#images = options.images;
    this.#code = new CodeOutput(options.out);
  }

  get isAtLineStart(): boolean {
    return this.#code.isAtLineStart;
  }

  async event(event: Event): Promise<void> {
    if (this.#clears.before(event)) await this.#code.clear();
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
      case "stderr":
        return await this.#code.write(event.type, event.data);
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

  async #bundle({ parts }: MimeBundle): Promise<void> {
    const image = parts.find((part) => part.mediaType === "image/png") ??
      parts.find((part) => part.mediaType.startsWith("image/"));
    if (image !== undefined) return await this.#image(image);
    for (const part of parts) {
      const what = part.path === ""
        ? undefined
        : MEDIA[part.mediaType.split(/[/;]/, 1)[0]!] ?? MEDIA[part.mediaType];
      if (what !== undefined) return await this.#saved(what, part);
    }
    const table = parts.find((part) => part.mediaType === TABLE_TYPE);
    if (table !== undefined && await this.#table(table)) return;
    // A page without a text: what Python prints of such an object says nothing.
    const page = parts.find(({ mediaType, path }) => mediaType === "text/html" && path !== "");
    const bare = parts.every((part) => part.mediaType !== "text/plain" || isBareObject(part));
    const order = bare ? [...READABLE, "text/plain"] : ["text/markdown", "text/plain"];
    for (const type of page === undefined || !bare ? order : READABLE) {
      const part = parts.find((part) => part.mediaType === type);
      if (part !== undefined) return await this.#text(part);
    }
    if (page !== undefined) return await this.#saved("html", page);
    for (const part of parts.slice(0, 1)) await this.#reference(part);
  }

  /** Whether the part is a table: code can show anything under its media type. */
  async #table(part: MimePart): Promise<boolean> {
    const table = parseTable(part.data);
    if (table === undefined) return false;
    const { tableText } = await import("../../documents/table_text.ts");
    await this.#code.line(tableText(table, { columns: this.#out.columns, style: this.#out.style }));
    return true;
  }

  async #text(part: MimePart): Promise<void> {
    if (part.data.length > 0) await this.#code.line(new TextDecoder().decode(part.data));
    if (!isWhole(part)) await this.#reference(part);
  }

  async #image(part: MimePart): Promise<void> {
    if (this.#images !== undefined && part.mediaType === "image/png" && isWhole(part)) {
      await this.#code.image(part.data, this.#images);
    }
    await this.#saved("plot", part);
  }

  /** A part that is a file: where it is. */
  async #saved(what: string, part: MimePart): Promise<void> {
    const local = await this.#saver.part(part);
    this.#shown.add(part.path);
    await this.#code.line(`${what}: ${this.#display(local, part.path)}`);
  }

  async #reference(part: MimePart): Promise<void> {
    const local = await this.#saver.part(part);
    this.#shown.add(part.path);
    const where = part.path === "" ? "" : `: ${this.#display(local, part.path)}`;
    await this.#code.line(`[${printable(part.mediaType)}, ${formatSize(part.bytes)}${where}]`);
  }

  /** The local path where there is one, relative to the current folder if that is shorter. */
  #display(local: string | undefined, remote: string): string {
    if (local === undefined) return `${printable(remote)} (in the runner)`;
    const near = relative(this.#cwd, local);
    return printable(near.startsWith("../../") ? local : near);
  }

  async #error({ error: raw }: Extract<Event, { type: "error" }>): Promise<void> {
    const error = executionErrorFields(raw);
    const { red, cyan } = this.#out.errorStyle;
    const lines = error.traceback.map(printableLines);
    // The last line of a traceback contains the message.
    if (error.code !== "code_raised" || lines.length === 0) {
      lines.push(`${red("error:")} ${printableLines(sentence(error))}`);
    }
    if (error.hint !== "") lines.push(`${cyan("hint:")} ${printableLines(error.hint)}`);
    await this.#code.errorLines(lines.join("\n"));
  }

  warning(text: string): void {
    this.#out.warn(`${this.#out.errorStyle.yellow("warning:")} ${printable(text)}`);
  }

  async end(): Promise<void> {
    this.#out.progress(undefined);
    await this.#code.end();
    await this.#files();
    if (this.#out.interactive && this.#summary.finished) {
      const { execution: { id, session, status }, durationMs = 0 } = this.#summary;
      const ended = status.replaceAll("_", " ");
      const { dim } = this.#out.errorStyle;
      this.#out.note(dim(`${ended} after ${formatDuration(durationMs)} · session ${session} · ${id}`));
    }
  }

  /** On standard output, as the places of images: a reader finds all files in one place, in the order of the output. */
  async #files(): Promise<void> {
    if (this.#out.quiet) return;
    const { dim } = this.#out.style;
    const files = this.#artifacts.filter(({ artifact }) => !this.#shown.has(artifact.path));
    for (const { artifact, localPath } of files.slice(0, MAX_LISTED)) {
      const size = dim(`(${formatSize(artifact.bytes)})`);
      await this.#code.line(`file: ${this.#display(localPath, artifact.path)} ${size}`);
    }
    if (files.length > MAX_LISTED) {
      const get = shellCommand`gractl execution get ${this.#summary.execution.id}`;
      await this.#code.line(`and ${files.length - MAX_LISTED} more: ${get}`);
    }
  }
}

/** What files are called whose text says nothing, by media type or by its first half. */
const MEDIA: Readonly<Record<string, string>> = { "application/pdf": "plot", audio: "audio", video: "video" };

/** Forms in which people read a result without a text of its own, the best first. */
const READABLE = ["text/markdown", "text/latex", "application/json"];

/** Whether it only has what Python prints of an object that says nothing of itself, such as <IPython.core.display.HTML object>. */
function isBareObject({ data }: MimePart): boolean {
  return data.length < 500 && /^<[^\n]*>$/.test(new TextDecoder().decode(data).trimEnd());
}

/** The error as a sentence; without a message, that of the error catalogue. */
function sentence({ code, name, message }: Omit<ExecutionError, "fullTraceback">): string {
  if (message !== "") return name === "" ? message : `${name}: ${message}`;
  return isErrorCode(code) ? ERROR_CODES[code].cause : code;
}
