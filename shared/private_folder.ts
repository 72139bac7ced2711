/** Whether a folder is safe for a unix socket: whoever can replace the socket receives code and the datasets' keys. */

/** What of `Deno.FileInfo` is looked at. */
export type FolderInfo = Readonly<
  { isSymlink: boolean; isDirectory: boolean; uid: number | null; mode: number | null }
>;

/** Others may not enter at all: for folders that we make. */
export const NO_ACCESS = 0o077;
/** Others may not add, remove or replace anything: the least for a folder that somebody else chose. */
export const NO_WRITE = 0o022;

/** Why a folder is not private to `uid`, or `undefined` when it is. Pure. `forbidden` are mode bits of group and others. */
export function privateFolderFault(
  info: FolderInfo,
  uid: number,
  forbidden: number = NO_ACCESS,
): string | undefined {
  if (info.isSymlink) return "it is a symbolic link";
  if (!info.isDirectory) return "it is not a folder";
  if (info.uid !== uid) return `it belongs to user ${info.uid}`;
  // A mode that is not known counts as open.
  const mode = (info.mode ?? 0o777) & 0o777;
  if ((mode & forbidden) === 0) return undefined;
  const others = (mode & NO_WRITE & forbidden) === 0 ? "open" : "write to";
  return `other users can ${others} it (mode ${mode.toString(8).padStart(4, "0")})`;
}

/** Whether `path` is a folder of `uid`, however open. False for none, and under sudo often for XDG_RUNTIME_DIR. */
export function isOwnFolder(path: string | undefined, uid: number): boolean {
  if (!path) return false;
  try {
    const info = Deno.lstatSync(path);
    return info.isDirectory && info.uid === uid;
  } catch {
    return false;
  }
}
