import { GradError } from "../../shared/errors.ts";

/** A stream as one array. @throws {GradError} `invalid_argument` when it is longer */
export async function readAll(
  stream: ReadableStream<Uint8Array>,
  options: { maxBytes: number; what: string },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > options.maxBytes) {
      throw new GradError(
        "invalid_argument",
        `Cannot read ${options.what}: it is over ${options.maxBytes} bytes`,
      );
    }
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
