/** Reads /proc: which processes belong to a scratch folder, their memory, arguments and environments. */
import { parseStat } from "../../shared/process_stat.ts";

export type ProcessInfo = Readonly<{ pid: number; parent: number; startTicks: string; argv: string }>;

/** Processes whose arguments, environment or mounts contain `token`, and all of their descendants. */
export function processesOf(token: string): readonly ProcessInfo[] {
  const all = everyProcess();
  const found = new Map<number, ProcessInfo>();
  for (const info of all) {
    if (info.pid !== Deno.pid && names(info, token)) found.set(info.pid, info);
  }
  for (let grew = true; grew;) {
    grew = false;
    for (const info of all) {
      if (!found.has(info.pid) && found.has(info.parent)) {
        found.set(info.pid, info);
        grew = true;
      }
    }
  }
  return [...found.values()];
}

/** Whether the pid still belongs to the process that was found, and not to a later one. */
export function isAlive(info: ProcessInfo): boolean {
  const now = processInfo(info.pid);
  return now !== undefined && now.startTicks === info.startTicks;
}

/** Kills the process that was found, unless it has ended meanwhile, for example with its parent that was killed first. */
export function killProcess(info: ProcessInfo): void {
  if (!isAlive(info)) return;
  try {
    Deno.kill(info.pid, "SIGKILL");
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
}

export function processInfo(pid: number): ProcessInfo | undefined {
  const stat = parseStat(readText(`/proc/${pid}/stat`));
  if (stat === undefined) return undefined;
  const argv = readText(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
  return { pid, ...stat, argv };
}

/** A process and its descendants, the process first. */
export function treeOf(pid: number): readonly ProcessInfo[] {
  const all = everyProcess();
  const pids = new Set([pid]);
  for (let size = 0; size !== pids.size;) {
    size = pids.size;
    for (const info of all) if (pids.has(info.parent)) pids.add(info.pid);
  }
  return all.filter((info) => pids.has(info.pid));
}

/** Peak resident memory of a process in bytes; 0 if it has ended. */
export function peakMemoryBytes(pid: number): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readText(`/proc/${pid}/status`));
  return line === null ? 0 : Number(line[1]) * 1024;
}

export function environOf(pid: number): string {
  return readText(`/proc/${pid}/environ`).replaceAll("\0", "\n");
}

export function mountsOf(pid: number | "self"): string {
  return readText(`/proc/${pid}/mountinfo`);
}

function names(info: ProcessInfo, token: string): boolean {
  return info.argv.includes(token) || environOf(info.pid).includes(token) ||
    mountsOf(info.pid).includes(token);
}

function everyProcess(): readonly ProcessInfo[] {
  return [...Deno.readDirSync("/proc")].filter((entry) => /^\d+$/.test(entry.name))
    .map((entry) => processInfo(Number(entry.name))).filter((info) => info !== undefined);
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return ""; // ended meanwhile, or another user's
  }
}

/** Real, effective, saved and file system ids of a process's user and group, and its other groups; `undefined` if it has ended. */
export function usersOf(pid: number): { uids: number[]; gids: number[]; groups: number[] } | undefined {
  const text = readText(`/proc/${pid}/status`);
  const numbers = (name: string) =>
    (new RegExp(`^${name}:(.*)$`, "m").exec(text)?.[1] ?? "").split(/\s+/).filter((part) => part !== "")
      .map(Number);
  return text === "" ? undefined : { uids: numbers("Uid"), gids: numbers("Gid"), groups: numbers("Groups") };
}
