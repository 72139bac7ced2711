import { GradError } from "../../shared/errors.ts";

/** Where the local grad keeps things; the contract with grad is the two folders of its environment. */
export type Folders = Readonly<{
  stateDir: string;
  runtimeDir: string;
  /** Path of the socket. */
  socket: string;
  logFile: string;
  /** Held while grad is started. */
  lockFile: string;
  /** Process id and start of the grad that gractl started. */
  processFile: string;
}>;

/** sun_path has 108 bytes with its end; sockets of runners lie deeper, and grad checks those. */
const MAX_SOCKET_BYTES = 107;

/** @throws {GradError} `invalid_argument` when a folder is not absolute or the socket's path is too long */
export function foldersOf(
  env: Readonly<Record<string, string>>,
  user: { uid: number; ownsXdgRuntimeDir: boolean },
): Folders {
  const home = env["HOME"] || "/";
  const stateDir = env["GRAD_STATE_DIR"] || `${env["XDG_STATE_HOME"] || `${home}/.local/state`}/grad`;
  const runtimeDir = env["GRAD_RUNTIME_DIR"] ||
    (user.ownsXdgRuntimeDir ? `${env["XDG_RUNTIME_DIR"]}/grad` : `/tmp/grad-${user.uid}`);
  for (const [name, dir] of [["GRAD_STATE_DIR", stateDir], ["GRAD_RUNTIME_DIR", runtimeDir]] as const) {
    if (!dir.startsWith("/")) {
      throw new GradError(
        "invalid_argument",
        `Cannot keep grad's files in "${dir}": the path is not absolute`,
        {
          hint: `Set ${name} to an absolute path.`,
        },
      );
    }
  }
  const socket = `${runtimeDir}/grad.sock`;
  if (new TextEncoder().encode(socket).length > MAX_SOCKET_BYTES) {
    throw new GradError(
      "invalid_argument",
      `Cannot listen on "${socket}": paths of sockets have at most 107 bytes`,
      {
        hint: "Set GRAD_RUNTIME_DIR to a shorter path, /tmp/grad-me say.",
      },
    );
  }
  return {
    stateDir,
    runtimeDir,
    socket,
    logFile: `${stateDir}/grad.log`,
    lockFile: `${runtimeDir}/grad.lock`,
    processFile: `${runtimeDir}/grad.pid`,
  };
}

/** What is wrong with a folder that only its user may have. Pure, for tests; `undefined` when nothing is. */
export function faultOfPrivateFolder(
  stat: Readonly<{ isSymlink: boolean; isDirectory: boolean; uid: number | null; mode: number | null }>,
  uid: number,
): string | undefined {
  if (stat.isSymlink) return "it is a symbolic link";
  if (!stat.isDirectory) return "it is not a folder";
  if (stat.uid !== uid) return `it belongs to the user ${stat.uid}`;
  const mode = (stat.mode ?? 0) & 0o777;
  return (mode & 0o077) === 0 ? undefined : `others may enter it (mode ${mode.toString(8)})`;
}

/**
 * Makes the runtime folder with mode 0700, or checks the one that is there: whoever can replace grad's socket is given S3 keys.
 *
 * @throws {GradError} `grad_unavailable`
 */
export async function ensureRuntimeFolder(runtimeDir: string, uid: number): Promise<void> {
  await Deno.mkdir(runtimeDir, { mode: 0o700, recursive: true });
  const fault = faultOfPrivateFolder(await Deno.lstat(runtimeDir), uid);
  if (fault === undefined) return;
  throw new GradError(
    "grad_unavailable",
    `Cannot trust the folder of grad's socket, "${runtimeDir}": ${fault}`,
    {
      hint: `Make it private (chmod 700 ${runtimeDir}), or set GRAD_RUNTIME_DIR to another folder.`,
    },
  );
}
