import { basename, dirname, join } from "node:path";
import { GradError, messageOf } from "../../shared/errors.ts";
import { NO_WRITE, privateFolderFault } from "../../shared/private_folder.ts";

/** What a socket must be for code and keys to be sent to it. */
export type SocketRules = Readonly<{
  /** The user to whom the socket and its folder belong. */
  uid: number;
  /** Why a socket in this folder, whose links are resolved, is not used whoever made it; `undefined` where it may be. */
  folderFault?: (folder: string) => Promise<string | undefined>;
}>;

/** A socket that was checked; it need not exist. */
export type CheckedSocket = Readonly<{
  /** Absolute, links resolved. */
  path: string;
  /** Identifies the folder: another one in its place is noticed. */
  folder: string;
}>;

/**
 * Checks that only this user can be behind a socket: grad receives code and the keys of datasets. The socket and its folder must belong
 * to the user, nobody else may write to the folder, and nobody but root may replace a folder above it. So a socket that does not exist
 * passes, since only this user can make it; connecting to it reports the error. A folder that does not exist does not pass: somebody
 * else might make it.
 *
 * @param path absolute
 * @throws {GradError} `permission_denied`, `grad_unavailable` where the folder is missing
 */
export async function checkSocket(path: string, { uid, folderFault }: SocketRules): Promise<CheckedSocket> {
  const refuse = (reason: string) => refused(path, reason);
  const found = find(path);
  const { folder, socket } = found;
  if (socket !== undefined && !socket.isSocket) throw refuse("it is not a socket");
  if (socket !== undefined && socket.uid !== uid) {
    throw refuse(`the socket belongs to the user ${socket.uid}`);
  }
  const fault = privateFolderFault(folder, uid, NO_WRITE);
  if (fault !== undefined) throw refuse(`its folder is not private: ${fault}`);
  for (let above = dirname(found.path); above !== dirname(above);) {
    above = dirname(above);
    const open = aboveFault(lookAt(path, above), uid);
    if (open !== undefined) throw refuse(`the folder "${above}" above it is open: ${open}`);
  }
  const place = await folderFault?.(dirname(found.path));
  if (place !== undefined) throw refuse(place);
  return { path: found.path, folder: `${folder.dev}/${folder.ino}` };
}

/**
 * Connects to a socket that is checked before and, since path names are not descriptors, again when it is connected: until then
 * nothing but the versions has been sent.
 *
 * @throws {GradError} as `checkSocket` and `connect`
 */
export async function dialChecked<Client extends AsyncDisposable>(
  path: string,
  rules: SocketRules,
  connect: (address: string) => Promise<Client>,
): Promise<Client> {
  const before = await checkSocket(path, rules);
  const client = await connect(`unix:${before.path}`);
  try {
    const after = await checkSocket(path, rules);
    if (after.path === before.path && after.folder === before.folder) return client;
    throw refused(path, "another folder took its place meanwhile");
  } catch (thrown) {
    await client[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** Who can rename or remove what is in a folder above the socket's, besides this user and root. */
function aboveFault({ uid: owner, mode }: Deno.FileInfo, uid: number): string | undefined {
  if (owner !== 0 && owner !== uid) return `it belongs to user ${owner}`;
  // In a sticky folder, as /tmp, only owners remove and rename.
  const anybody = ((mode ?? 0o777) & 0o1002) === 0o002;
  return anybody ? "everybody can write to it" : undefined;
}

type Found = Readonly<{ path: string; folder: Deno.FileInfo; socket: Deno.FileInfo | undefined }>;

/**
 * The socket and its folder with links resolved. A socket that does not exist, or that grad removes in this moment, is `undefined`. All
 * calls are synchronous: each is shorter than a turn of the thread pool, and every command makes them.
 */
function find(path: string): Found {
  const real = existing(path, () => Deno.realPathSync(path));
  const folder = real === undefined ? existing(path, () => Deno.realPathSync(dirname(path))) : dirname(real);
  if (folder === undefined) throw missing(path);
  const at = real ?? join(folder, basename(path));
  return { path: at, folder: lookAt(path, folder), socket: existing(path, () => Deno.lstatSync(at)) };
}

function lookAt(path: string, folder: string): Deno.FileInfo {
  const info = existing(path, () => Deno.lstatSync(folder));
  if (info === undefined) throw missing(path);
  return info;
}

/** What `look` finds; `undefined` where there is nothing. */
function existing<Found>(path: string, look: () => Found): Found | undefined {
  try {
    return look();
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw unchecked(path, thrown);
  }
}

const OWN_GRAD =
  "Use a grad of your own, because it receives your code and keys: add `--context local`, or run `gractl config set grad local`.";

function refused(path: string, reason: string): GradError {
  return new GradError("permission_denied", `Cannot use the grad at "unix:${path}": ${reason}`, {
    hint: OWN_GRAD,
  });
}

function unchecked(path: string, cause: unknown): GradError {
  const message = `Cannot use the grad at "unix:${path}": its socket cannot be checked: ${messageOf(cause)}`;
  return new GradError("permission_denied", message, { hint: OWN_GRAD, cause });
}

function missing(path: string): GradError {
  return new GradError("grad_unavailable", `Cannot reach grad at unix:${path}: its folder does not exist`, {
    hint:
      "Start that grad, or use the one of this machine: add `--context local`, or run `gractl config set grad local`.",
  });
}
