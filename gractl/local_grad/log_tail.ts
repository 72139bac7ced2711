const MAX_BYTES = 4_096;

/** The last lines of a log from `offset` on, for an error's message. JSON lines are shortened to what they say. */
export async function logTail(file: string, options: { offset: number; lines: number }): Promise<string> {
  let bytes: Uint8Array;
  try {
    using log = await Deno.open(file);
    const { size } = await log.stat();
    const from = Math.max(options.offset, size - MAX_BYTES);
    await log.seek(from, Deno.SeekMode.Start);
    bytes = new Uint8Array(await new Response(log.readable).arrayBuffer());
  } catch {
    return "";
  }
  // deno-lint-ignore no-control-regex
  const text = new TextDecoder().decode(bytes).replaceAll(/\x1b\[[0-9;]*m/g, "");
  const lines = text.trimEnd().split("\n").filter((line) => line !== "");
  return lines.slice(-options.lines).map(plainLine).join("\n");
}

/** `{"level":"error","event":"server.failed","error":"…"}` becomes "server.failed: …". */
export function plainLine(line: string): string {
  try {
    const { event, error, hint } = JSON.parse(line) as Record<string, unknown>;
    if (typeof event !== "string") return line;
    return [event, error, hint].filter((part) => typeof part === "string" && part !== "").join(": ");
  } catch {
    return line;
  }
}

export async function sizeOf(file: string): Promise<number> {
  try {
    return (await Deno.stat(file)).size;
  } catch {
    return 0;
  }
}
