import { dirname } from "node:path";
import { GradError } from "../../shared/errors.ts";

/** Longest path that a unix socket can have, less its terminating zero. */
const MAX_SOCKET_BYTES = 107;

/**
 * Makes the place for our socket: its folder, a lock that says that we serve it, and no stale socket. The lock ends with us,
 * however we end.
 * @throws {GradError} `grad_unavailable` when another grad serves it, `invalid_argument` for a path that is too long
 */
export async function claimSocket(path: string): Promise<Disposable> {
  if (new TextEncoder().encode(path).length > MAX_SOCKET_BYTES) {
    throw new GradError(
      "invalid_argument",
      `Cannot listen on "${path}": a socket's path has at most ${MAX_SOCKET_BYTES} bytes`,
      {
        hint: "Set GRAD_RUNTIME_DIR or --listen to a shorter one.",
      },
    );
  }
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const lock = await Deno.open(`${path}.lock`, { create: true, write: true, mode: 0o600 });
  if (!await lock.tryLock(true)) {
    lock.close();
    throw new GradError(
      "grad_unavailable",
      `Cannot listen on "${path}": the grad of another state folder does`,
      {
        hint: "Set GRAD_RUNTIME_DIR or --listen to another path, or end that grad.",
      },
    );
  }
  // Nobody holds the lock, so nobody serves what lies there.
  const old = await Deno.lstat(path).catch(() => undefined);
  if (old !== undefined && !old.isSocket) {
    lock.close();
    throw new GradError(
      "invalid_argument",
      `Cannot listen on "${path}": there is something that is not a socket`,
    );
  }
  if (old !== undefined) await Deno.remove(path);
  return { [Symbol.dispose]: () => lock.close() };
}
