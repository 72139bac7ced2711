import type { Backend } from "./backend.ts";

/** Destroys all runners of the workspaces in the folders; what went wrong. */
export async function destroyRunners(
  gractl: Backend["gractl"],
  folders: readonly string[],
): Promise<string[]> {
  const failures: string[] = [];
  for (const cwd of folders) {
    const list = await gractl(["runner", "list", "-o", "json"], { cwd });
    const runners = list.code === 0 ? list.json<{ items: { name: string }[] }>().items : [];
    if (list.code !== 0) failures.push(`cannot list runners: ${list}`);
    for (const { name } of runners) {
      const call = await gractl(["runner", "destroy", name, "--force", "-o", "json"], { cwd });
      if (call.code !== 0) failures.push(`cannot destroy a runner: ${call}`);
    }
  }
  return failures;
}
