/** Most bytes of a component's log that are sent. */
export const MAX_LOG_BYTES = 256 * 1024;

/** The last `maxLines` lines of `text`, at most {@link MAX_LOG_BYTES} characters, from the beginning of a line if there is one. */
export function linesAtEnd(text: string, maxLines: number): string {
  const isEnded = text.endsWith("\n");
  const lines = (isEnded ? text.slice(0, -1) : text).split("\n").slice(-maxLines);
  const kept = lines.join("\n") + (isEnded ? "\n" : "");
  if (kept.length <= MAX_LOG_BYTES) return kept;
  const bounded = kept.slice(-MAX_LOG_BYTES);
  const first = bounded.indexOf("\n", 0);
  return first === -1 || first === bounded.length - 1 ? bounded : bounded.slice(first + 1);
}
