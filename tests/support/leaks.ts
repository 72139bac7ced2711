import { join } from "node:path";
import { isAlive, mountsOf, type ProcessInfo } from "./proc.ts";
import { pause } from "./process.ts";
import type { ScratchHome } from "./scratch_home.ts";

/** How long what was told to end may take to be gone. */
const GRACE_MS = 5_000;

/** What a scratch home still has after everything in it was ended: processes (which are killed here), mounts, files. */
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
    if (isAlive(info)) Deno.kill(info.pid, "SIGKILL");
  }
  for (const line of mountsOf("self").split("\n")) {
    if (line.includes(home.token)) leaks.push(`mount: ${line}`);
  }
  // A lock's file stays where it was: removing it would let two hold it.
  for (const path of list(home.runtimeDir)) if (!path.endsWith(".lock")) leaks.push(`runtime file: ${path}`);
  for (const path of list(join(home.dir, "tmp"))) leaks.push(`temporary file: ${path}`);
  // Of a destroyed runner the tombstone stays, and what grad itself has written.
  const runners = join(home.stateDir, "runners");
  for (const path of list(runners)) leaks.push(`runner's file: ${path}`);
  return leaks;
}

/** Paths below `dir`, without what is below a folder that is itself told. */
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
