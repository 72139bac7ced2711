import type { Processes } from "./process.ts";

/**
 * Leaves the memory of this process, and of what it starts from now on, out of core files, also of those that the system hands to a
 * program. Needs no program, which an image without a shell does not have. False where the system has no such setting.
 */
export function emptyCoreFiles(): boolean {
  try {
    // No kind of mapping is dumped: core(5).
    Deno.writeTextFileSync("/proc/self/coredump_filter", "0");
    return true;
  } catch {
    return false;
  }
}

/**
 * Forbids core files of a running process and of what it starts from now on: a crash must not write keys to the disk. False where that
 * could not be done. (Deno has no function for its own limits.)
 */
export async function forbidCoreFiles(processes: Pick<Processes, "run">, pid: number): Promise<boolean> {
  const { exitCode } = await processes.run(["prlimit", "--pid", String(pid), "--core=0:0"]);
  return exitCode === 0;
}
