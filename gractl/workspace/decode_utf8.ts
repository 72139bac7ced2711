/** The text, or where it stops being UTF-8: line, and column in characters, from 1. */
export function decodeUtf8(bytes: Uint8Array): { text: string } | { line: number; column: number } {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    let [good, bad] = [0, bytes.length];
    // The longest start without a fault; `stream` lets it end within a character.
    while (bad - good > 1) {
      const middle = (good + bad) >> 1;
      if (begins(bytes.subarray(0, middle)) === undefined) bad = middle;
      else good = middle;
    }
    const lines = (begins(bytes.subarray(0, good)) ?? "").split("\n");
    return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
  }
}

function begins(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}
