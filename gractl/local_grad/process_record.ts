import type { Processes } from "./system_process.ts";

/** Which process a grad is, written by whoever started it. */
export type ProcessRecord = Readonly<{ pid: number; startedAt: string }>;

export async function writeProcessRecord(file: string, record: ProcessRecord): Promise<void> {
  await Deno.writeTextFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
  await Deno.rename(`${file}.new`, file);
}

/** The recorded process if it still is that one: a process id alone may by now be somebody else's. */
export async function readProcessRecord(
  file: string,
  processes: Processes,
): Promise<ProcessRecord | undefined> {
  let record: ProcessRecord;
  try {
    record = JSON.parse(await Deno.readTextFile(file)) as ProcessRecord;
  } catch {
    return undefined;
  }
  if (!Number.isInteger(record.pid) || record.pid <= 1) return undefined;
  return await processes.startedAt(record.pid) === record.startedAt ? record : undefined;
}
