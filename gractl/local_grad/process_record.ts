import type { Processes } from "../../shared/process.ts";

/** Which process a grad is, written by whoever started it. */
export type ProcessRecord = Readonly<{ pid: number; startedAt: string }>;

/**
 * When a process began, in the machine's own count, or `undefined` when there is none (or only its remains): tells a process id that
 * is used again from the one that was meant.
 */
export async function startOf(pid: number, processes: Pick<Processes, "run">): Promise<string | undefined> {
  // By `cat`: Deno lets only programs with every permission read /proc.
  const { stdout } = await processes.run(["cat", `/proc/${pid}/stat`]);
  // The name, in brackets, may have spaces and brackets. Field 3, the first after it, is the state, field 22 the start.
  const fields = stdout.slice(stdout.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? undefined : fields[19];
}

export async function writeProcessRecord(file: string, record: ProcessRecord): Promise<void> {
  await Deno.writeTextFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
  await Deno.rename(`${file}.new`, file);
}

/** The recorded process if it still is that one: a process id alone may by now be somebody else's. */
export async function readProcessRecord(
  file: string,
  processes: Pick<Processes, "run">,
): Promise<ProcessRecord | undefined> {
  let record: ProcessRecord;
  try {
    record = JSON.parse(await Deno.readTextFile(file)) as ProcessRecord;
  } catch {
    return undefined;
  }
  if (!Number.isInteger(record.pid) || record.pid <= 1) return undefined;
  return await startOf(record.pid, processes) === record.startedAt ? record : undefined;
}
