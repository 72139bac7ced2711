import { GradError } from "../../shared/errors.ts";

/** Reads a whole stream. @throws {GradError} `invalid_argument` above `maxBytes`; the reason of the signal */
export async function readAll(
  stream: ReadableStream<Uint8Array>,
  options: { maxBytes: number; what: string; signal: AbortSignal },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const bounded = stream.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), {
    signal: options.signal,
  });
  for await (const chunk of bounded) {
    length += chunk.length;
    if (length > options.maxBytes) {
      throw new GradError(
        "invalid_argument",
        `Cannot read ${options.what}: it is longer than ${options.maxBytes} bytes`,
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
