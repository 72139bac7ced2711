import { join } from "node:path";
import { killProcess, mountsOf, type ProcessInfo } from "./proc.ts";
import { pause } from "./process.ts";
import type { ScratchHome } from "./scratch_home.ts";

/** How long processes and mounts may take to disappear after they were asked to end. */
const GRACE_MS = 5_000;

/** What remains of a scratch home after everything in it was ended: processes (which are killed here), mounts, files. */
export async function checkNothingLeft(
  home: ScratchHome,
  processes: () => readonly ProcessInfo[],
  graceMs = GRACE_MS,
): Promise<readonly string[]> {
  const leaks: string[] = [];
  let running = processes();
  for (const until = performance.now() + graceMs; running.length > 0 && performance.now() < until;) {
    await pause(100);
    running = processes();
  }
  for (const info of new Map(running.map((each) => [each.pid, each])).values()) {
    leaks.push(`process ${info.pid}: ${info.argv.slice(0, 200)}`);
    killProcess(info);
  }
  for (const line of mountsOf("self").split("\n")) {
    if (line.includes(home.token)) leaks.push(`mount: ${line}`);
  }
  // A lock file is not removed: a process that holds it and one that creates it again would both have the lock.
  for (const path of list(home.runtimeDir)) if (!path.endsWith(".lock")) leaks.push(`runtime file: ${path}`);
  for (const path of list(join(home.dir, "tmp"))) leaks.push(`temporary file: ${path}`);
  // The tombstone of a destroyed runner stays, and so do the files of grad itself.
  const runners = join(home.stateDir, "runners");
  for (const path of list(runners)) leaks.push(`runner's file: ${path}`);
  return leaks;
}

/** Paths below `dir`; a folder that is returned stands for everything below it. */
function list(dir: string, prefix = "", depth = 2): string[] {
  try {
    return [...Deno.readDirSync(dir)].flatMap((entry) => {
      const path = `${prefix}${entry.name}`;
      const below = entry.isDirectory && depth > 1 ? list(join(dir, entry.name), `${path}/`, depth - 1) : [];
      return [path, ...below];
    });
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return [];
    throw thrown;
  }
}
