import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  type Stats,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";
import { GradError } from "../../shared/errors.ts";

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;

/** Where Linux shows the open files of this process: a path through it starts at an open folder, like those of openat(2). */
const OPEN_FILES = "/proc/self/fd";
/** Where it is missing on Linux, every operation fails: paths that can be exchanged are no substitute. */
const HAS_OPEN_FILES = Deno.build.os === "linux";

/**
 * An open folder, and what gractl does below it: every operation names one entry of it and follows no symbolic link. Whoever renames
 * folders or puts links into their place meanwhile cannot lead a write out of the folder, since the folder itself was opened.
 *
 * This needs /proc. Without it (macOS) links are refused as well, but somebody who exchanges a folder between two operations is not
 * noticed. It also needs all permissions of Deno, which resolves links itself otherwise (docs/adr/0029-confined-writer.md).
 */
export class ConfinedFolder implements Disposable {
  readonly #fd: number;
  /** For messages, and for operations where there is no /proc. */
  readonly path: string;

  private constructor(fd: number, path: string) {
    this.#fd = fd;
    this.path = path;
  }

  /** Opens a folder that the user chose, following links in its path. @throws {Deno.errors} as `Deno.readDir` */
  static open(path: string): ConfinedFolder {
    return new ConfinedFolder(openSync(path, O_RDONLY | O_DIRECTORY), path);
  }

  /**
   * Opens the folder at a path below this one, through no link. With `create`, missing folders are created.
   * @throws {GradError} `path_not_allowed` where a part of the path is a link, or no folder, or not a name
   * @throws {Deno.errors.NotFound} without `create`
   */
  folder(parts: readonly string[], options: { create: boolean }): ConfinedFolder {
    let at: ConfinedFolder = this.#reopened();
    for (const part of parts) {
      using parent = at;
      at = parent.#child(part, options);
    }
    return at;
  }

  #reopened(): ConfinedFolder {
    const own = HAS_OPEN_FILES ? `${OPEN_FILES}/${this.#fd}` : this.path;
    return new ConfinedFolder(openSync(own, O_RDONLY | O_DIRECTORY), this.path);
  }

  #child(name: string, { create }: { create: boolean }): ConfinedFolder {
    const path = join(this.path, name);
    const open = () =>
      this.#call(name, (at) => new ConfinedFolder(openSync(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), path));
    try {
      return open();
    } catch (thrown) {
      if (isNoFolder(thrown)) throw notAFolder(path, thrown);
      if (!create || !(thrown instanceof Deno.errors.NotFound)) throw thrown;
    }
    try {
      this.makeFolder(name);
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.AlreadyExists)) throw thrown; // another gractl has just created it
    }
    try {
      return open();
    } catch (thrown) {
      throw isNoFolder(thrown) ? notAFolder(path, thrown) : thrown;
    }
  }

  /**
   * One system call on an entry. Its errors are those of Deno, with the path that people know.
   * @throws {GradError} `path_not_allowed` for what is not the name of an entry
   */
  #call<Result>(name: string, call: (path: string) => Result): Result {
    try {
      return call(this.#at(name));
    } catch (thrown) {
      throw known(thrown, join(this.path, name));
    }
  }

  #at(name: string): string {
    if (name === "" || name === "." || name === ".." || /[/\0]/.test(name)) {
      throw new GradError("path_not_allowed", `Cannot use ${JSON.stringify(name)} as the name of a file`);
    }
    return HAS_OPEN_FILES ? `${OPEN_FILES}/${this.#fd}/${name}` : join(this.path, name);
  }

  /** Creates a file and returns its descriptor, for writing. @throws {Deno.errors.AlreadyExists} also where the name is a link */
  create(name: string, mode = 0o666): number {
    return this.#call(name, (path) => openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode));
  }

  /**
   * Opens a file of this user for reading and writing. `undefined` where there is none, and for anything else that has the name:
   * a link, a file with a second name elsewhere, a pipe.
   */
  openOwn(name: string): number | undefined {
    const path = this.#at(name);
    let fd: number;
    try {
      // Without O_NONBLOCK a named pipe would wait for a writer.
      fd = openSync(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
    } catch {
      return undefined;
    }
    const info = fstatSync(fd);
    if (info.isFile() && info.nlink === 1 && info.uid === Deno.uid()) return fd;
    closeSync(fd);
    return undefined;
  }

  /** What has the name, without following a link; `undefined` where there is nothing. */
  info(name: string): Stats | undefined {
    return this.#call(name, (path) => lstatSync(path, { throwIfNoEntry: false }));
  }

  /** @throws {Deno.errors.AlreadyExists} */
  makeFolder(name: string): void {
    this.#call(name, (path) => mkdirSync(path));
  }
  /** Replaces what has the name `to`, also a link. */
  rename(from: string, to: string): void {
    this.#call(to, (path) => renameSync(this.#at(from), path));
  }
  /** @throws {Deno.errors.AlreadyExists} where there is something of the name `to` */
  link(from: string, to: string): void {
    this.#call(to, (path) => linkSync(this.#at(from), path));
  }
  /** Makes a symbolic link. @throws {Deno.errors.AlreadyExists} */
  makeLink(target: string, name: string): void {
    this.#call(name, (path) => symlinkSync(target, path));
  }

  /** @throws {Deno.errors.NotFound} */
  removeFile(name: string): void {
    this.#call(name, unlinkSync);
  }
  removeEmptyFolder(name: string): void {
    this.#call(name, (path) => rmdirSync(path));
  }
  /** Makes earlier creations and renames survive a crash. */
  sync(): void {
    fsyncSync(this.#fd);
  }
  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

const CLASSES = {
  EEXIST: Deno.errors.AlreadyExists,
  ENOENT: Deno.errors.NotFound,
  EACCES: Deno.errors.PermissionDenied,
  EPERM: Deno.errors.PermissionDenied,
} as const;

/** The error of a system call, without the path through /proc. */
function known(thrown: unknown, path: string): unknown {
  const code = codeOf(thrown);
  if (!(thrown instanceof Error) || code === undefined || thrown instanceof GradError) return thrown;
  const Class = CLASSES[code as keyof typeof CLASSES] ?? Error;
  // "EEXIST: file already exists, link '/proc/self/fd/…'"
  const [reason] = thrown.message.replace(/^[A-Z]+: /, "").split(/,|:| \(os error/);
  return Object.assign(new Class(`${reason}: "${path}"`, { cause: thrown }), { code });
}

function codeOf(thrown: unknown): string | undefined {
  return (thrown as { code?: string } | null)?.code;
}

/** What open(2) says of a link and of anything else that is no folder. */
function isNoFolder(thrown: unknown): boolean {
  return ["ENOTDIR", "ELOOP"].includes(codeOf(thrown) ?? "");
}

function notAFolder(path: string, cause: unknown): GradError {
  return new GradError("path_not_allowed", `Cannot write below "${path}": it is a link, or not a folder`, {
    hint: "Remove it, or choose another place; gractl follows no links in a workspace.",
    cause,
  });
}
