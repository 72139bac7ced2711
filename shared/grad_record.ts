/**
 * The record of the grad that serves a state folder: how gractl and later grads find it, from whatever environment they start.
 * A grad holds the lock beside it for as long as it runs, so a record without a lock is of a grad that has ended.
 */
import { join } from "node:path";
import { NO_WRITE } from "./private_folder.ts";
import type { ProcessId } from "./process_stat.ts";

export type GradRecord = Readonly<{
  /** Absolute path of the unix socket. */
  socket: string;
  /** Sockets and mounts of runners; a later grad uses the same as long as it exists. */
  runtimeDir: string;
  /** As `SystemService.Handshake` returns it: identifies the grad that listens at `socket`. */
  instance: string;
  process: ProcessId;
  version: string;
  /** RFC 3339. */
  startedAt: string;
}>;

/** Files of grad and gractl in a state folder. */
export function stateFiles(stateDir: string) {
  return {
    record: join(stateDir, "grad.json"),
    /** Held by the grad that serves the folder. */
    lock: join(stateDir, "grad.lock"),
    /** Held by the gractl that starts grad. */
    startLock: join(stateDir, "grad.start.lock"),
    log: join(stateDir, "grad.log"),
  } as const;
}

/** The record in `stateDir`, or `undefined` when there is none, it is malformed, or another user could have written it. */
export async function readGradRecord(stateDir: string, uid: number): Promise<GradRecord | undefined> {
  const path = stateFiles(stateDir).record;
  try {
    const { isFile, uid: owner, mode } = await Deno.lstat(path);
    if (!isFile || owner !== uid || ((mode ?? NO_WRITE) & NO_WRITE) !== 0) return undefined;
    return parseGradRecord(await Deno.readTextFile(path));
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  }
}

/** Pure. */
export function parseGradRecord(text: string): GradRecord | undefined {
  let value: Partial<GradRecord> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { socket, runtimeDir, instance, process, version, startedAt } = value ?? {};
  const paths = [socket, runtimeDir].every((path) => typeof path === "string" && path.startsWith("/"));
  const texts = [instance, version, startedAt].every((text) => typeof text === "string");
  const { pid, startTicks } = process ?? {};
  // 0, 1 and negative numbers are never a grad, and signals to them reach whole groups or the machine's init.
  const known = Number.isInteger(pid) && pid! > 1 && typeof startTicks === "string";
  return paths && texts && known ? value as GradRecord : undefined;
}

/** Replaces the record as a whole, readable by its user only. */
export async function writeGradRecord(stateDir: string, record: GradRecord): Promise<void> {
  const path = stateFiles(stateDir).record;
  const temporary = `${path}.new`;
  await Deno.remove(temporary).catch(() => {});
  await Deno.writeTextFile(temporary, `${JSON.stringify(record)}\n`, { mode: 0o600, createNew: true });
  await Deno.rename(temporary, path);
}
