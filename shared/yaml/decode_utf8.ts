/** Decodes UTF-8; for invalid input returns the position of the first invalid byte: line and column, in characters, from 1. */
export function decodeUtf8(bytes: Uint8Array): { text: string } | { line: number; column: number } {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    let [good, bad] = [0, bytes.length];
    // A binary search for the longest valid prefix; `stream` accepts an incomplete character at its end.
    while (bad - good > 1) {
      const middle = (good + bad) >> 1;
      if (decodePrefix(bytes.subarray(0, middle)) === undefined) bad = middle;
      else good = middle;
    }
    const lines = (decodePrefix(bytes.subarray(0, good)) ?? "").split("\n");
    return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
  }
}

function decodePrefix(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}
