import { dirname } from "node:path";
import { GradError } from "../../shared/errors.ts";
import { MAX_SOCKET_PATH_BYTES } from "../../shared/limits.ts";

/**
 * Prepares the path of grad's socket: creates its folder, locks the path, and removes the socket of a grad that has ended. The lock is
 * released when the result is disposed, or when the process ends in any way.
 * @throws {GradError} `grad_unavailable` when another grad serves it, `invalid_argument` for a path that is too long
 */
export async function claimSocket(path: string): Promise<Disposable> {
  if (new TextEncoder().encode(path).length > MAX_SOCKET_PATH_BYTES) {
    throw new GradError(
      "invalid_argument",
      `Cannot listen on "${path}": a socket's path has at most ${MAX_SOCKET_PATH_BYTES} bytes`,
      {
        hint: "Set GRAD_RUNTIME_DIR or `--listen` to a shorter path.",
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
  // We hold the lock, so a socket that exists is not served by anyone.
  const old = await Deno.lstat(path).catch(() => undefined);
  if (old !== undefined && !old.isSocket) {
    lock.close();
    throw new GradError(
      "invalid_argument",
      `Cannot listen on "${path}": it exists and is not a socket`,
    );
  }
  if (old !== undefined) await Deno.remove(path);
  return { [Symbol.dispose]: () => lock.close() };
}
