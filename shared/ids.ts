/** Random names as a dependency. */
export interface Ids {
  /** `length` characters of a-z0-9, uniformly random. */
  random(length: number): string;
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

export const systemIds: Ids = {
  random(length) {
    let text = "";
    while (text.length < length) {
      for (const byte of crypto.getRandomValues(new Uint8Array(length))) {
        // 252 is the largest multiple of 36 in a byte: the rest would favour the first letters.
        if (byte < 252 && text.length < length) text += ALPHABET[byte % 36];
      }
    }
    return text;
  },
};
