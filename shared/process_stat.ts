/** Processes by pid and start time, from /proc/<pid>/stat: a pid alone may by now be another process's. */

export type ProcessId = Readonly<{
  pid: number;
  /** In clock ticks since boot, as /proc writes it. */
  startTicks: string;
}>;

export type ProcessStat = Readonly<{ parent: number; startTicks: string }>;

/** The text of /proc/<pid>/stat, empty when there is no such process. */
export type ReadStat = (pid: number) => Promise<string>;

/** Deno gives /proc/<pid>/stat only to programs with all permissions; gractl, which has fewer, reads it through `cat`. */
export const readStat: ReadStat = (pid) => Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");

/** `undefined` for no text, and for a process that has ended and only waits for its parent (a zombie). Pure. */
export function parseStat(stat: string): ProcessStat | undefined {
  // The name is in parentheses and may hold spaces and parentheses itself: fields are counted from the last one.
  const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // Fields 3 (state), 4 (parent) and 22 (start time) of proc_pid_stat(5).
  const startTicks = rest[17];
  if (startTicks === undefined || state === "Z" || state === "X") return undefined;
  return { parent: Number(parent), startTicks };
}

export async function processId(pid: number, read: ReadStat = readStat): Promise<ProcessId | undefined> {
  const found = parseStat(await read(pid));
  return found === undefined ? undefined : { pid, startTicks: found.startTicks };
}

export async function isAlive(id: ProcessId, read: ReadStat = readStat): Promise<boolean> {
  return (await processId(id.pid, read))?.startTicks === id.startTicks;
}

/** Kills exactly that process, never another one that has its pid since. Does nothing when it has ended. */
export async function kill(id: ProcessId): Promise<void> {
  if (!await isAlive(id)) return;
  try {
    Deno.kill(id.pid, "SIGKILL");
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
}

/** The children of a process, of whichever of its threads; none when the process has ended. */
export async function childrenOf({ pid }: ProcessId): Promise<ProcessId[]> {
  const threads = await Array.fromAsync(Deno.readDir(`/proc/${pid}/task`)).catch(() => []);
  const listed = await Promise.all(
    threads.map(({ name }) => Deno.readTextFile(`/proc/${pid}/task/${name}/children`).catch(() => "")),
  );
  const pids = listed.join(" ").split(" ").filter((text) => text !== "");
  const children = await Promise.all(pids.map((child) => processId(Number(child))));
  return children.filter((child) => child !== undefined);
}
