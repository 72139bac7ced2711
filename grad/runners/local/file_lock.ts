import { dirname } from "node:path";

/** Runs `work` while holding an exclusive lock on the file; the kernel releases the lock when the process ends. */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  using file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
  await file.lock(true);
  return await work();
}
