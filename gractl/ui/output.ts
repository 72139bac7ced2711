import type { Writable } from "node:stream";
import { API_VERSION } from "../documents/schema/api_version.ts";
import type { DocumentFields, DocumentKind } from "../documents/schema/documents.ts";
import { printable, printableJson } from "./printable.ts";
import type { ImageProtocol } from "./inline_image.ts";
import { type Style, styleFor } from "./style.ts";
import { CodeLines, onlyStyle, TerminalFilter } from "./terminal_filter.ts";

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

/**
 * Everything that gractl prints. In text of its own, which names and messages of others are part of, only colours pass; other control
 * sequences are shown as escapes, on a terminal or not. Documents and streams go to standard output; notes, warnings, progress and errors to standard error. */
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
  line<Kind extends "Event" | "Runner">(kind: Kind, fields: DocumentFields<Kind>): Promise<void>;
  /**
   * Bytes that code has printed; waits until they are written. On a terminal, control sequences that would do more than colour text
   * and move within it are shown as escapes (terminal_filter.ts); anywhere else the bytes are unchanged, as programs expect them.
   */
  write(stream: "stdout" | "stderr", bytes: Uint8Array): Promise<void>;
  /** Whether the stream is a terminal. */
  isTerminal(stream: "stdout" | "stderr"): boolean;
  /** Shows a PNG on standard output, a terminal that takes images in this way. False for what is no PNG or is too large. */
  image(png: Uint8Array, protocol: ImageProtocol): Promise<boolean>;
  /** Removes the lines that code has printed last from a terminal, as far as they are known; no effect on anything else. */
  clearCode(): Promise<void>;
  /** Called when code prints no more: writes what is left of an unfinished sequence, and ends its colours. */
  endStreams(): Promise<void>;
  /** A line on standard error about what happens; nothing under --quiet. */
  note(text: string): void;
  /** A line on standard error that is printed under --quiet, too. */
  warn(text: string): void;
  /** A question on standard error, after which the user types on the same line. */
  question(text: string): void;
  /** A line on a terminal that the next output replaces; `undefined` clears it. Control sequences in it are made visible. */
  progress(text: string | undefined): void;
}

/** Characters that all take one column: for them the module of widths, which is slow to load, is not needed. */
const NARROW = /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff\u2026]*$/;

/** The width that is assumed for a terminal that does not know its own. */
const DEFAULT_COLUMNS = 80;

const encoder = new TextEncoder();

async function send(sink: Sink, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await sink.write(bytes.subarray(at));
}

function writeAll(sink: Sink, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += sink.writeSync(bytes.subarray(at));
}

/** The document as it is printed: indented for people, one line for programs. */
function formatDocument(
  kind: DocumentKind,
  fields: DocumentFields<DocumentKind>,
  options: { indent: boolean },
): string {
  const json = JSON.stringify(
    { apiVersion: API_VERSION, kind, ...fields },
    undefined,
    options.indent ? 2 : undefined,
  );
  return printableJson(json);
}

export function createOutput(sinks: { stdout: Sink; stderr: Sink }): Output {
  const { stdout, stderr } = sinks;
  let options: OutputOptions = { format: "text", color: false, quiet: false };
  let progressShown = false;
  /** Counts what makes an earlier progress line out of date: other output, and the next progress line. */
  let progressTurn = 0;

  const lines = new CodeLines();
  const filters = { stdout: new TerminalFilter(lines), stderr: new TerminalFilter(lines) };

  /** What code has printed before neither colours nor changes what gractl prints now. */
  function beginOwnText(): void {
    lines.restart();
    writeAll(stdout, encoder.encode(filters.stdout.endStyle()));
    writeAll(stderr, encoder.encode(filters.stderr.endStyle()));
  }
  function toSink(sink: Sink, text: string): void {
    beginOwnText();
    writeAll(sink, encoder.encode(onlyStyle(text.endsWith("\n") ? text : `${text}\n`)));
  }
  function toStderr(text: string): void {
    clearProgress();
    toSink(stderr, text);
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
      const columns = stdout.isTerminal() ? stdout.columns() || undefined : undefined;
      return { ...styleFor(options.color ? stdout.stream() : undefined), columns };
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
      if (text !== "") toSink(stdout, text);
    },
    async line(kind, fields) {
      clearProgress();
      await send(stdout, encoder.encode(`${formatDocument(kind, fields, { indent: false })}\n`));
    },
    async write(stream, bytes) {
      clearProgress();
      const sink = stream === "stdout" ? stdout : stderr;
      await send(sink, sink.isTerminal() ? encoder.encode(filters[stream].write(bytes)) : bytes);
    },
    isTerminal: (stream) => (stream === "stdout" ? stdout : stderr).isTerminal(),
    async image(png, protocol) {
      const { imageSequence } = await import("./inline_image.ts");
      const sequence = imageSequence(png, protocol);
      if (sequence === undefined) return false;
      clearProgress();
      beginOwnText();
      await send(stdout, encoder.encode(`${sequence}\n`));
      return true;
    },
    async clearCode() {
      if (!stdout.isTerminal()) return;
      clearProgress();
      // A line that wraps counts as one: then too little is removed, and never what is above.
      const up = lines.row === 0 ? "\r" : `\x1b[${lines.row}F`;
      await send(stdout, encoder.encode(`${filters.stdout.endStyle()}${up}\x1b[J`));
      lines.restart();
    },
    async endStreams() {
      for (const [name, sink] of [["stdout", stdout], ["stderr", stderr]] as const) {
        const filter = filters[name];
        await send(sink, encoder.encode(filter.end() + filter.endStyle()));
      }
      lines.restart();
    },
    note(text) {
      if (!options.quiet) toStderr(text);
    },
    warn: toStderr,
    question(text) {
      clearProgress();
      beginOwnText();
      writeAll(stderr, encoder.encode(onlyStyle(text)));
    },
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
