/** A process beyond doubt: pids are used again, pids with their start time are not. */
export type ProcessId = Readonly<{ pid: number; startTicks: string }>;

/** The start time in the text of /proc/<pid>/stat, in clock ticks since boot; `undefined` for a zombie. */
export function startTicks(stat: string): string | undefined {
  // The name may hold spaces and brackets: fields are counted from the last bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

export async function processId(pid: number): Promise<ProcessId | undefined> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  const ticks = stat === "" ? undefined : startTicks(stat);
  return ticks === undefined ? undefined : { pid, startTicks: ticks };
}

export async function isAlive({ pid, startTicks: ticks }: ProcessId): Promise<boolean> {
  return (await processId(pid))?.startTicks === ticks;
}

/** Kills exactly that process, and never one that has its number since. */
export async function kill(id: ProcessId): Promise<void> {
  if (!await isAlive(id)) return;
  try {
    Deno.kill(id.pid, "SIGKILL");
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
}
