/** A process that says "ready", and then answers each line of input with a number of milliseconds. */
export type LineProcess = AsyncDisposable & Readonly<{ turn(line: string): Promise<number> }>;

/** Starts such a process. @throws {Error} where it does not say "ready" */
export async function lineProcess(program: string, args: readonly string[]): Promise<LineProcess> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = "";
  async function line(): Promise<string> {
    while (!buffered.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`${program} ended`);
      buffered += value;
    }
    const at = buffered.indexOf("\n");
    const text = buffered.slice(0, at);
    buffered = buffered.slice(at + 1);
    return text;
  }
  if (await line() !== "ready") throw new Error(`${program} did not say "ready"`);
  return {
    async turn(text) {
      await writer.write(new TextEncoder().encode(`${text}\n`));
      return Number(await line());
    },
    async [Symbol.asyncDispose]() {
      await writer.close();
      await reader.cancel();
      await child.status;
    },
  };
}
