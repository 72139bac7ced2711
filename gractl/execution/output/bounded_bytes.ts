/** Keeps the beginning and the end of what may be endless, in constant memory. */
export class BoundedBytes {
  readonly #head: Uint8Array;
  readonly #tail: Uint8Array;
  #headLength = 0;
  /** All bytes that went past the head; the tail holds the last of them, as a ring. */
  #pastHead = 0;

  constructor(maxBytes: number) {
    this.#head = new Uint8Array(Math.ceil(maxBytes / 2));
    this.#tail = new Uint8Array(Math.floor(maxBytes / 2));
  }

  /** Bytes that are kept no more. */
  get left(): number {
    return Math.max(0, this.#pastHead - this.#tail.length);
  }

  add(bytes: Uint8Array): void {
    const toHead = bytes.subarray(0, this.#head.length - this.#headLength);
    this.#head.set(toHead, this.#headLength);
    this.#headLength += toHead.length;
    const past = bytes.subarray(toHead.length);
    // Only the last ring's worth can survive.
    const kept = past.subarray(Math.max(0, past.length - this.#tail.length));
    const at = (this.#pastHead + past.length - kept.length) % (this.#tail.length || 1);
    const toEnd = kept.subarray(0, this.#tail.length - at);
    this.#tail.set(toEnd, at);
    this.#tail.set(kept.subarray(toEnd.length), 0);
    this.#pastHead += past.length;
  }

  /** As text, with a marker where bytes were left out; what is not UTF-8 becomes U+FFFD. */
  text(): string {
    const decoder = new TextDecoder();
    const head = this.#head.subarray(0, this.#headLength);
    if (this.left === 0) {
      return decoder.decode(concat(head, this.#tail.subarray(0, this.#pastHead)));
    }
    const at = this.#pastHead % this.#tail.length;
    const tail = concat(this.#tail.subarray(at), this.#tail.subarray(0, at));
    const [before, after] = [cutEnd(head), cutStart(tail)];
    const left = this.left + (head.length - before.length) + (tail.length - after.length);
    return `${decoder.decode(before)}\n[… ${left} bytes left out …]\n${decoder.decode(after)}`;
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;

/** Without a character of UTF-8 that the cut went through. */
function cutEnd(bytes: Uint8Array): Uint8Array {
  let start = bytes.length - 1;
  while (start > 0 && start > bytes.length - 4 && isContinuation(bytes[start])) start--;
  const first = bytes[start] ?? 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return start + length > bytes.length ? bytes.subarray(0, start) : bytes;
}

function cutStart(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < 3 && isContinuation(bytes[start])) start++;
  return bytes.subarray(start);
}
