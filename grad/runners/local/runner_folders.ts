import { join } from "node:path";
import type { Processes } from "../../../shared/process.ts";
import { linesAtEnd, MAX_LOG_BYTES } from "../log_lines.ts";
import type { RunnerPaths } from "./paths.ts";

/**
 * Makes what must be there before the init starts. Keeps what is there. Only the volume, the cache and the runtime folder are the
 * runner's user's where root runs grad: in the others nothing of the runner can take the place of what grad reads and writes.
 */
export async function makeFolders(paths: RunnerPaths, { isRoot }: { isRoot: boolean }): Promise<void> {
  const { folder, volume, cache, logs, accounts, runtime } = paths;
  for (const made of [volume, cache, logs, accounts, runtime]) {
    await Deno.mkdir(made, { recursive: true, mode: 0o700 });
  }
  const files = { passwd: "user:x:1000:1000:user:/tmp/home:/bin/bash\n", group: "user:x:1000:\n" };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(accounts, name), text);
    if (isRoot) await Deno.chmod(join(accounts, name), 0o644);
  }
  // The folders above are closed, so that nobody but the runner's user, to whom they are shown, reaches these.
  if (isRoot) { for (const crossed of [folder, logs, accounts]) await Deno.chmod(crossed, 0o711); }
}

/** The names of the folders in `folder`; none where it does not exist. */
export async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.filter((entry) => entry.isDirectory).map(({ name }) => name).sort();
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return [];
    throw thrown;
  }
}

/** Processes that were killed a moment ago may still add a file while we delete. */
const ATTEMPTS = 5;

/**
 * Deletes a folder that is no longer used. User code may have taken away its own rights to folders; links are never followed.
 * By `rm`, which takes any depth and any name: code can nest so many folders that Deno.remove() overflows its stack and ends grad.
 * Only called when the init is gone, and its mounts were in its namespace alone: a mount below means that something is not as
 * it should be, and then nothing is deleted.
 */
export async function removeFolder(folder: string, processes: Processes): Promise<void> {
  const mount = mountBelow(await Deno.readTextFile("/proc/self/mountinfo"), folder);
  if (mount !== undefined) throw new Error(`Cannot delete "${folder}": "${mount}" is a mount`);
  for (let attempt = 1;; attempt++) {
    const { exitCode, stderr } = await processes.run(["rm", "-rf", "--one-file-system", "--", folder]);
    if (exitCode === 0) return;
    if (attempt === ATTEMPTS) throw new Error(`Cannot delete "${folder}": ${stderr.slice(0, MESSAGE_CHARS)}`);
    await processes.run(["chmod", "-R", "u+rwx", "--", folder]);
  }
}

/** A name that code chose may be in it, and a line for each file. */
const MESSAGE_CHARS = 500;

/** A mount point at or below `folder`, by the text of /proc/self/mountinfo. */
export function mountBelow(mountinfo: string, folder: string): string | undefined {
  const points = mountinfo.split("\n").map((line) => line.split(" ")[4] ?? "");
  const plain = points.map((point) =>
    point.replaceAll(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(parseInt(code, 8)))
  );
  return plain.find((point) => point === folder || point.startsWith(`${folder}/`));
}

const TAIL_BYTES = 2_000;

/** The last lines of a log, for messages; empty when there is none. */
export async function tail(path: string): Promise<string> {
  const text = await lastBytes(path, TAIL_BYTES) ?? "";
  // A component that is started again and again says the same each time.
  return [...new Set(text.trim().split("\n"))].slice(-3).join(" | ");
}

/** The last `maxLines` lines of a log, at most {@link MAX_LOG_BYTES}; `undefined` when there is none. */
export async function lastLines(path: string, maxLines: number): Promise<string | undefined> {
  const text = await lastBytes(path, MAX_LOG_BYTES);
  return text === undefined ? undefined : linesAtEnd(text, maxLines);
}

async function lastBytes(path: string, bytes: number): Promise<string | undefined> {
  try {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    await file.seek(Math.max(0, size - bytes), Deno.SeekMode.Start);
    return await new Response(file.readable).text();
  } catch {
    return undefined;
  }
}
