import type { Writable } from "node:stream";
import { API_VERSION } from "../documents/schema/api_version.ts";
import type { DocumentFields, DocumentKind } from "../documents/schema/documents.ts";
import { printable } from "./printable.ts";
import { type Style, styleFor } from "./style.ts";

export type Format = "text" | "json" | "ndjson";

/** Standard output or standard error. */
export type Sink = Readonly<{
  /** The same stream for node:util, which decides about colours; `undefined` where there are never any. */
  stream(): Writable | undefined;
  isTerminal(): boolean;
  /** Of a terminal; 0 where it does not know. */
  columns(): number;
  /** How many bytes were written: perhaps not all. */
  writeSync(bytes: Uint8Array): number;
  write(bytes: Uint8Array): Promise<number>;
}>;

/** `color` false: never any colours; true: where the stream has them. */
export type OutputOptions = Readonly<{ format: Format; color: boolean; quiet: boolean }>;

/** Everything that gractl prints. Documents and streams go to standard output; notes, warnings, progress and errors to standard error. */
export interface Output {
  /** Only valid in a command's action, when options have been parsed. */
  readonly format: Format;
  readonly quiet: boolean;
  /** Width of standard output, where it is a terminal. */
  readonly columns: number | undefined;
  /** Standard output or standard error is a terminal, whatever the format. */
  readonly terminal: boolean;
  /** A person is watching: standard error is a terminal and the format is text. */
  readonly interactive: boolean;
  /** For text on standard output. */
  readonly style: Style;
  /** For text on standard error. */
  readonly errorStyle: Style;
  configure(options: OutputOptions): void;
  /** The command's answer: under json the one document `{"apiVersion","kind",…fields}`, else the text. */
  document<Kind extends DocumentKind>(
    kind: Kind,
    fields: DocumentFields<Kind>,
    renderText: () => string,
  ): void;
  /** Text for standard output in every format, such as help. */
  text(text: string): void;
  /** One line of ndjson; waits until it is written. */
  line(kind: "Event", fields: DocumentFields<"Event">): Promise<void>;
  /** Bytes, unchanged; waits until they are written. */
  write(stream: "stdout" | "stderr", bytes: Uint8Array): Promise<void>;
  /** A line on standard error about what happens; nothing under --quiet. */
  note(text: string): void;
  /** A line on standard error that is printed under --quiet, too. */
  warn(text: string): void;
  /** A line on a terminal that the next output replaces; `undefined` clears it. Control sequences in it are made visible. */
  progress(text: string | undefined): void;
}

/** Characters that all take one column: for them the module of widths, which is slow to load, is not needed. */
const NARROW = /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff\u2026]*$/;

/** The width that is assumed for a terminal that does not know its own. */
const DEFAULT_COLUMNS = 80;

const encoder = new TextEncoder();

function writeAll(sink: Sink, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += sink.writeSync(bytes.subarray(at));
}

/** The document as it is printed: indented for people, one line for programs. */
function formatDocument(
  kind: DocumentKind,
  fields: DocumentFields<DocumentKind>,
  options: { indent: boolean },
): string {
  return JSON.stringify(
    { apiVersion: API_VERSION, kind, ...fields },
    undefined,
    options.indent ? 2 : undefined,
  );
}

export function createOutput(sinks: { stdout: Sink; stderr: Sink }): Output {
  const { stdout, stderr } = sinks;
  let options: OutputOptions = { format: "text", color: false, quiet: false };
  let progressShown = false;
  /** Counts what makes an earlier progress line out of date: other output, and the next progress line. */
  let progressTurn = 0;

  function toStderr(text: string): void {
    clearProgress();
    writeAll(stderr, encoder.encode(text.endsWith("\n") ? text : `${text}\n`));
  }
  function clearProgress(): void {
    if (progressShown) writeAll(stderr, encoder.encode("\r\x1b[K"));
    progressShown = false;
    progressTurn++;
  }
  function showProgress(text: string): void {
    writeAll(stderr, encoder.encode(text));
    progressShown = true;
  }
  const interactive = () => options.format === "text" && stderr.isTerminal();

  return {
    get format() {
      return options.format;
    },
    get quiet() {
      return options.quiet;
    },
    get columns() {
      return stdout.isTerminal() ? stdout.columns() : undefined;
    },
    get terminal() {
      return stdout.isTerminal() || stderr.isTerminal();
    },
    get interactive() {
      return interactive();
    },
    get style() {
      return styleFor(options.color ? stdout.stream() : undefined);
    },
    get errorStyle() {
      return styleFor(options.color ? stderr.stream() : undefined);
    },
    configure(wanted) {
      options = wanted;
    },
    document(kind, fields, renderText) {
      clearProgress();
      const text = options.format === "text"
        ? renderText()
        : formatDocument(kind, fields, { indent: options.format === "json" && stdout.isTerminal() });
      this.text(text);
    },
    text(text) {
      if (text !== "") writeAll(stdout, encoder.encode(text.endsWith("\n") ? text : `${text}\n`));
    },
    async line(kind, fields) {
      await this.write("stdout", encoder.encode(`${formatDocument(kind, fields, { indent: false })}\n`));
    },
    async write(stream, bytes) {
      clearProgress();
      const sink = stream === "stdout" ? stdout : stderr;
      for (let at = 0; at < bytes.length;) at += await sink.write(bytes.subarray(at));
    },
    note(text) {
      if (!options.quiet) toStderr(text);
    },
    warn: toStderr,
    progress(text) {
      if (!interactive() || options.quiet) return;
      clearProgress();
      if (text === undefined) return;
      const line = printable(text);
      // A line that wraps could not be cleared.
      const columns = (stderr.columns() || DEFAULT_COLUMNS) - 1;
      if (NARROW.test(line)) return showProgress(line.slice(0, columns));
      const turn = progressTurn;
      void import("./width.ts").then(({ truncate }) => {
        if (turn === progressTurn) showProgress(truncate(line, columns));
      });
    },
  };
}
