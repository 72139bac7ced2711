import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import { GradError, messageOf } from "./errors.ts";
import { NO_ACCESS, NO_WRITE } from "./private_folder.ts";

export type PrivateFolder = Readonly<{
  /** Absolute path. */
  path: string;
  /** The user of this process. */
  uid: number;
  /** What the folder is for, for errors: "state folder". */
  what: string;
  /** The environment variable that chooses another folder, for hints. */
  variable: string;
  /** A symbolic link of the user counts as the folder it leads to. Not for folders below /tmp, where anybody can make a link. */
  followLink: boolean;
}>;

/**
 * Makes a folder, with missing parents, that only its user can open, and closes one that others could open. Where others could also
 * write, it is closed first and then used only if all its entries belong to the user.
 * @throws {GradError} `permission_denied` where it belongs to another user, or has entries of other users; `invalid_argument` where
 * something else has its name
 */
export function makePrivateFolder(folder: PrivateFolder): void {
  const { path, uid } = folder;
  const directory = openFolder(folder);
  try {
    const info = fstatSync(directory);
    if (info.uid !== uid) throw foreign(folder, `it belongs to user ${info.uid}, and this is user ${uid}`);
    // A changed mode acts on the folder that was looked at, even where somebody exchanges what has its name.
    if ((info.mode & NO_ACCESS) !== 0) fchmodSync(directory, 0o700);
    if ((info.mode & NO_WRITE) !== 0) refuseForeignEntries(folder);
  } catch (thrown) {
    if (thrown instanceof GradError) throw thrown;
    throw new GradError(
      "permission_denied",
      `Cannot use the ${folder.what} "${path}": ${messageOf(thrown)}`,
      {
        hint: remedy(folder),
        cause: thrown,
      },
    );
  } finally {
    closeSync(directory);
  }
}

function openFolder(folder: PrivateFolder): number {
  const { path, uid, followLink } = folder;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const link = linkInfo(path);
    if (link !== undefined && (!followLink || link.uid !== uid)) throw new NotUsable("it is a symbolic link");
    const flags = constants.O_RDONLY | constants.O_DIRECTORY |
      (link === undefined ? constants.O_NOFOLLOW : 0);
    return openSync(path, flags);
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? "";
    const why = cause instanceof NotUsable ? cause.message : WHY[code] ?? messageOf(cause);
    const denied = ["EACCES", "EPERM", "EROFS"].includes(code);
    throw new GradError(
      denied ? "permission_denied" : "invalid_argument",
      `Cannot use the ${folder.what} "${path}": ${why}`,
      { hint: remedy(folder), cause },
    );
  }
}

class NotUsable extends Error {}

const WHY: Readonly<Record<string, string>> = {
  EEXIST: "it is not a folder",
  ENOTDIR: "it, or a part of its path, is not a folder",
  ELOOP: "its path has a loop of symbolic links",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENAMETOOLONG: "its path is too long",
};

function linkInfo(path: string): Stats | undefined {
  const info = lstatSync(path);
  return info.isSymbolicLink() ? info : undefined;
}

function refuseForeignEntries(folder: PrivateFolder): void {
  for (const name of readdirSync(folder.path)) {
    const { uid } = lstatSync(join(folder.path, name));
    if (uid !== folder.uid) {
      throw foreign(folder, `other users could write to it, and "${name}" in it belongs to user ${uid}`);
    }
  }
}

function foreign(folder: PrivateFolder, why: string): GradError {
  return new GradError("permission_denied", `Cannot use the ${folder.what} "${folder.path}": ${why}`, {
    hint: remedy(folder),
  });
}

function remedy({ variable }: PrivateFolder): string {
  return `Make it a folder of your own with mode 0700, or set ${variable} to another one.`;
}
