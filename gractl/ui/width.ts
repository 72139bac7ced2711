import stringWidth from "string-width";

/** How many columns of a terminal a text takes: wide characters and emoji take two, combining marks none. */
export function width(text: string): number {
  return stringWidth(text);
}

const characters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The text, or as many of its first characters as fit into `columns`. A character of several code points is never cut. */
export function truncate(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let fits = "";
  let used = 0;
  for (const { segment } of characters.segment(text)) {
    used += width(segment);
    if (used > columns) break;
    fits += segment;
  }
  return fits;
}
