import type { Processes } from "./process.ts";

/**
 * Forbids core files of a running process and of what it starts from now on: a crash must not write keys to the disk. False where that
 * could not be done. (Deno has no function for its own limits.)
 */
export async function forbidCoreFiles(processes: Pick<Processes, "run">, pid: number): Promise<boolean> {
  const { exitCode } = await processes.run(["prlimit", "--pid", String(pid), "--core=0:0"]);
  return exitCode === 0;
}
