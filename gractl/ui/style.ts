import type { Writable } from "node:stream";
import { styleText } from "node:util";

const FORMATS = ["bold", "dim", "red", "green", "yellow", "cyan"] as const;

/** Adds colours and emphasis to text, or returns it unchanged where they are not wanted. */
export type Style =
  & Readonly<Record<typeof FORMATS[number], (text: string) => string>>
  & Readonly<{
    /** Width of the terminal; `undefined` where lines may have any length. */
    columns?: number | undefined;
  }>;

/**
 * The style for what is written to `stream`; without one, text stays plain. node:util decides whether the stream has colours: it must
 * be a terminal that has them, NO_COLOR turns them off, FORCE_COLOR turns them on anywhere.
 */
export function styleFor(stream: Writable | undefined): Style {
  const paint = (format: typeof FORMATS[number]) => (text: string) =>
    stream === undefined || text === "" ? text : styleText(format, text, { stream });
  return Object.fromEntries(FORMATS.map((format) => [format, paint(format)])) as Record<
    typeof FORMATS[number],
    (text: string) => string
  >;
}
