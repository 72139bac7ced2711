/** Stores the beginning and the end of a stream of any length, in constant memory. */
export class BoundedBytes {
  readonly #head: Uint8Array;
  readonly #tail: Uint8Array;
  #headLength = 0;
  /** Number of bytes after the head; the tail is a ring buffer with the last of them. */
  #pastHead = 0;

  constructor(maxBytes: number) {
    this.#head = new Uint8Array(Math.ceil(maxBytes / 2));
    this.#tail = new Uint8Array(Math.floor(maxBytes / 2));
  }

  /** Number of bytes that are no longer stored. */
  get omitted(): number {
    return Math.max(0, this.#pastHead - this.#tail.length);
  }

  add(bytes: Uint8Array): void {
    const toHead = bytes.subarray(0, this.#head.length - this.#headLength);
    this.#head.set(toHead, this.#headLength);
    this.#headLength += toHead.length;
    const past = bytes.subarray(toHead.length);
    // Earlier bytes would be overwritten at once.
    const stored = past.subarray(Math.max(0, past.length - this.#tail.length));
    const at = (this.#pastHead + past.length - stored.length) % (this.#tail.length || 1);
    const toEnd = stored.subarray(0, this.#tail.length - at);
    this.#tail.set(toEnd, at);
    this.#tail.set(stored.subarray(toEnd.length), 0);
    this.#pastHead += past.length;
  }

  /** Decodes the bytes, with a marker in place of omitted ones; invalid UTF-8 becomes U+FFFD. */
  text(): string {
    const decoder = new TextDecoder();
    const head = this.#head.subarray(0, this.#headLength);
    if (this.omitted === 0) {
      return decoder.decode(concat(head, this.#tail.subarray(0, this.#pastHead)));
    }
    const at = this.#pastHead % this.#tail.length;
    const tail = concat(this.#tail.subarray(at), this.#tail.subarray(0, at));
    const [before, after] = [cutEnd(head), cutStart(tail)];
    const omitted = this.omitted + (head.length - before.length) + (tail.length - after.length);
    return `${decoder.decode(before)}\n[… ${omitted} bytes omitted …]\n${decoder.decode(after)}`;
  }
}

export function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;

/** Removes an incomplete UTF-8 character at the end, of at most three bytes. */
export function cutEnd(bytes: Uint8Array): Uint8Array {
  // First bytes from 0xc0 on begin characters of at least two bytes, from 0xe0 on of three, from 0xf0 on of four.
  for (const [present, first] of [[1, 0xc0], [2, 0xe0], [3, 0xf0]] as const) {
    if (bytes.at(-present)! >= first) return bytes.subarray(0, -present);
  }
  return bytes;
}

/** Removes the rest of a UTF-8 character at the start, of at most three bytes. */
function cutStart(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < 3 && isContinuation(bytes[start])) start++;
  return bytes.subarray(start);
}
