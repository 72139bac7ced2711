import type { ImageProtocol } from "../../ui/inline_image.ts";
import type { Output } from "../../ui/output.ts";
import { OverwrittenLines } from "./overwritten_lines.ts";

type Stream = "stdout" | "stderr";
const STREAMS: readonly Stream[] = ["stdout", "stderr"];

/** Of what may still be removed where no terminal can; more than that is written. */
const MAX_HELD_BYTES = 2 ** 20;

const encoder = new TextEncoder();

/**
 * What code prints, in text. A terminal gets it as it is, and shows itself what is overwritten or removed; anything else gets only the last
 * state of lines that are written several times, and from the first wish to remove output on only what is left in the end.
 */
export class CodeOutput {
  readonly #out: Output;
  readonly #lines = { stdout: new OverwrittenLines(), stderr: new OverwrittenLines() };
  /** Whether the stream does not end with a line break. */
  readonly #midLine = { stdout: false, stderr: false };
  /** What may still be removed, and whether standard output was in a line before it; `undefined` while nothing is held. */
  #held: { parts: { stream: Stream; bytes: Uint8Array }[]; bytes: number; midLine: boolean } | undefined;

  constructor(out: Output) {
    this.#out = out;
  }

  /** Nothing stands in the line of the cursor. */
  get isAtLineStart(): boolean {
    return !this.#midLine.stdout && !this.#midLine.stderr;
  }

  async write(stream: Stream, bytes: Uint8Array): Promise<void> {
    await this.#pass(stream, this.#out.isTerminal(stream) ? bytes : this.#lines[stream].write(bytes));
  }

  /** A line of gractl's own on standard output. */
  async line(text: string): Promise<void> {
    await this.#pass("stdout", this.#lines.stdout.end());
    const before = this.#midLine.stdout ? "\n" : "";
    await this.#pass("stdout", encoder.encode(`${before}${text}${text.endsWith("\n") ? "" : "\n"}`));
  }

  /** An image on a terminal that takes images. */
  async image(png: Uint8Array, protocol: ImageProtocol): Promise<void> {
    if (this.#midLine.stdout) await this.line("");
    await this.#out.image(png, protocol);
  }

  /** Lines of gractl's own on standard error, behind what code has printed. */
  async errorLines(text: string): Promise<void> {
    await this.#flushLines();
    const other = this.#midLine.stdout && this.#out.isTerminal("stdout") && this.#out.isTerminal("stderr");
    if (other) await this.line("");
    else if (this.#midLine.stderr) await this.#pass("stderr", encoder.encode("\n"));
    await this.#pass("stderr", encoder.encode(`${text}\n`));
  }

  /** Removes what was written, where it can be; from now on, where it cannot, writes only what is not removed later. */
  async clear(): Promise<void> {
    for (const stream of STREAMS) this.#lines[stream].clear();
    await this.#out.clearCode();
    const midLine = this.#held?.midLine ?? this.#midLine.stdout;
    this.#midLine.stderr = false;
    this.#midLine.stdout = this.#out.isTerminal("stdout") ? false : midLine;
    this.#held = { parts: [], bytes: 0, midLine };
  }

  /** Writes the rest. */
  async end(): Promise<void> {
    await this.#flushLines();
    await this.#release();
    await this.#out.endStreams();
    if (this.#midLine.stdout && this.#out.interactive) await this.line("");
  }

  async #flushLines(): Promise<void> {
    for (const stream of STREAMS) await this.#pass(stream, this.#lines[stream].end());
  }

  async #pass(stream: Stream, bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    this.#midLine[stream] = bytes.at(-1) !== 10;
    if (this.#held === undefined || this.#out.isTerminal(stream)) return await this.#out.write(stream, bytes);
    this.#held.parts.push({ stream, bytes });
    this.#held.bytes += bytes.length;
    if (this.#held.bytes > MAX_HELD_BYTES) await this.#release();
  }

  async #release(): Promise<void> {
    const held = this.#held?.parts ?? [];
    this.#held = undefined;
    for (const { stream, bytes } of held) await this.#out.write(stream, bytes);
  }
}
