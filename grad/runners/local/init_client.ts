/** One component as the init sees it. */
export type ComponentHealth = Readonly<{ name: string; alive: boolean; restarts: number; lastExit: string }>;

type Answer = Readonly<{
  ok: boolean;
  runner?: string;
  components?: Readonly<Record<string, Readonly<{ alive: boolean; restarts: number; lastExit: unknown }>>>;
}>;

/** What the init says of its components; `undefined` when none of this runner answers in time. */
export async function initStatus(
  socket: string,
  runner: string,
  withinMs: number,
): Promise<readonly ComponentHealth[] | undefined> {
  const answer = await ask(socket, { op: "status" }, withinMs);
  if (!answer?.ok || answer.runner !== runner) return undefined;
  return Object.entries(answer.components ?? {}).map(([name, { alive, restarts, lastExit }]) => ({
    name,
    alive,
    restarts,
    lastExit: typeof lastExit === "string" ? lastExit : JSON.stringify(lastExit),
  }));
}

/** True when the init has ended its components and mounts. */
export async function stopInit(socket: string, graceMs: number, withinMs: number): Promise<boolean> {
  return (await ask(socket, { op: "stop", graceMs }, withinMs))?.ok === true;
}

/** One JSON line there, one back; `undefined` for whatever goes wrong: no socket, no answer, an answer cut short. */
async function ask(socket: string, request: unknown, withinMs: number): Promise<Answer | undefined> {
  const bound = AbortSignal.timeout(withinMs);
  let connection: Deno.UnixConn;
  try {
    connection = await Deno.connect({ transport: "unix", path: socket });
  } catch {
    return undefined;
  }
  const hangUp = () => connection.close();
  // On a busy machine the time may be over by now: the event of a signal that is aborted already never comes.
  if (bound.aborted) return void hangUp();
  bound.addEventListener("abort", hangUp);
  try {
    await connection.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
    const line = await readLine(connection);
    return line === undefined ? undefined : JSON.parse(line) as Answer;
  } catch {
    return undefined;
  } finally {
    bound.removeEventListener("abort", hangUp);
    if (!bound.aborted) connection.close();
  }
}

async function readLine(connection: Deno.UnixConn): Promise<string | undefined> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16 * 1024);
  let text = "";
  for (;;) {
    const count = await connection.read(buffer);
    if (count === null) return undefined;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
}
