import { type Style, style } from "./style.ts";

export type Format = "text" | "json" | "ndjson";

export const API_VERSION = "gractl/v1";

/** Where bytes go: standard output or error. */
export type Sink = Readonly<{
  isTerminal(): boolean;
  columns(): number;
  writeSync(bytes: Uint8Array): number;
  write(bytes: Uint8Array): Promise<number>;
}>;

export type OutputOptions = Readonly<{ format: Format; color: boolean; quiet: boolean }>;

/** All that gractl prints. Documents and streams go to standard output, everything about them to standard error. */
export interface Output {
  /** Valid in an action: options have been parsed. */
  readonly format: Format;
  readonly quiet: boolean;
  /** Width of standard output in characters, where it is a terminal. */
  readonly columns: number | undefined;
  /** Some output is a terminal, whatever the format. */
  readonly terminal: boolean;
  /** A person is looking on: standard error is a terminal and the format is text. */
  readonly interactive: boolean;
  /** For standard output, and for standard error. */
  readonly style: Style;
  readonly errorStyle: Style;
  configure(options: OutputOptions): void;
  /** The command's one answer: under json `{"apiVersion","kind",…fields}`, else the text. */
  document(kind: string, fields: Readonly<Record<string, unknown>>, renderText: () => string): void;
  /** Text for standard output in every format: help. */
  text(text: string): void;
  /** One line of ndjson, with back-pressure. */
  line(kind: string, fields: Readonly<Record<string, unknown>>): Promise<void>;
  /** Bytes as they are, with back-pressure. */
  write(stream: "stdout" | "stderr", bytes: Uint8Array): Promise<void>;
  /** A line on standard error about what happens; not under --quiet. */
  note(text: string): void;
  /** The same for what must be seen, also under --quiet. */
  warn(text: string): void;
  /** A line on a terminal that the next output replaces; `undefined` clears it. */
  progress(text: string | undefined): void;
}

/** For terminals that do not know their width. */
const USUAL_COLUMNS = 80;

const encoder = new TextEncoder();

function all(sink: Sink, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += sink.writeSync(bytes.subarray(at));
}

/** The document as it is printed: indented for people, one line for programs. */
export function formatDocument(
  kind: string,
  fields: Readonly<Record<string, unknown>>,
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

  function toStderr(text: string): void {
    clearProgress();
    all(stderr, encoder.encode(text.endsWith("\n") ? text : `${text}\n`));
  }
  function clearProgress(): void {
    if (progressShown) all(stderr, encoder.encode("\r\x1b[K"));
    progressShown = false;
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
      return style(options.color && stdout.isTerminal());
    },
    get errorStyle() {
      return style(options.color && stderr.isTerminal());
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
      if (text !== "") all(stdout, encoder.encode(text.endsWith("\n") ? text : `${text}\n`));
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
      // A line that wraps could not be cleared.
      all(stderr, encoder.encode(text.slice(0, (stderr.columns() || USUAL_COLUMNS) - 1)));
      progressShown = true;
    },
  };
}
