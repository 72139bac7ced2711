/** Bytes that an answer may have. */
const MAX_BYTES = 4_096;

/** Reads up to the end of a line or of the stream, without the line end. @throws the reason of `signal` */
export async function readLine(stream: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const reader = stream.getReader();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const bytes: number[] = [];
  try {
    while (!bytes.includes(0x0a) && bytes.length < MAX_BYTES) {
      const { value, done } = await Promise.race([reader.read(), aborted.promise]);
      if (done) break;
      bytes.push(...value);
    }
  } finally {
    signal.removeEventListener("abort", abort);
    // Nothing else reads it; an open read would keep the program.
    void reader.cancel().catch(() => {});
  }
  return new TextDecoder().decode(Uint8Array.from(bytes)).split("\n")[0]!.replace(/\r$/, "");
}
