import { createHash, type Hash } from "node:crypto";
import { closeSync, fstatSync, fsync, read, readSync } from "node:fs";
import { promisify } from "node:util";
import { GradError } from "../../shared/errors.ts";
import { MAX_FILE_PART_BYTES } from "../../shared/limits.ts";
import type { FileCalls, FilePart } from "../client/files.ts";
import type { RunnerRef } from "../client/runners.ts";
import type { ConfinedFolder } from "../confined/confined_folder.ts";
import { type Destination, folderOf, localPath } from "../confined/destination.ts";
import { removeIfThere, writeAll } from "../confined/write_file.ts";

export type Downloader = Readonly<{
  files: Pick<FileCalls, "read">;
  signal: AbortSignal;
  /** Called after each part, with bytes. */
  progress?(done: number, total: number): void;
}>;

export type Download = Readonly<{
  source: Readonly<{ runner: RunnerRef; path: string }>;
  /** During the download, `<name>.part` beside it has the received bytes, and `<name>.part.revision` the revision of the source. */
  to: Destination;
  /**
   * What an event announced: another size or checksum is `file_changed`, and nothing is stored. Without it the file is copied as it
   * is now. The checksum is hexadecimal; empty where it is unknown.
   */
  announced?: Readonly<{ bytes: number; sha256: string }>;
  /** A file that is there already is `file_exists`; otherwise it is replaced. */
  exclusive?: boolean;
}>;

export type Downloaded = Readonly<{ bytes: number; sha256: string; mode: number; resumedAt: number }>;

/**
 * Downloads a file. An earlier, interrupted download is continued if the file in the runner has not changed since. The target appears
 * only when it is complete. No more than the announced size is ever read, and nothing is left of a file that has changed, or of which
 * not even the first part came.
 *
 * @throws {GradError} `file_not_found`, `file_changed`, `path_not_allowed`, `file_exists`
 */
export async function download(how: Downloader, what: Download): Promise<Downloaded> {
  using folder = folderOf(what.to, { create: true });
  const file = { ...what, folder, name: what.to.path.at(-1)! };
  if (what.exclusive && folder.info(file.name) !== undefined) throw fileExists(what.to);
  const earlier = openEarlier(file);
  if (earlier === undefined) return await fetchWhole(how, file);
  try {
    return await fetchFrom(how, file, earlier);
  } catch (thrown) {
    // The file has changed since, so the received part is useless.
    if (!hasChanged(thrown)) throw thrown;
    return await fetchWhole(how, file);
  }
}

async function fetchWhole(how: Downloader, file: OpenDownload): Promise<Downloaded> {
  const { folder, name } = file;
  try {
    return await fetchFrom(how, file, undefined);
  } catch (thrown) {
    if (hasChanged(thrown)) {
      for (const each of [partOf(name), revisionOf(name)]) removeIfThere(folder, each);
    }
    throw thrown;
  }
}

function hasChanged(thrown: unknown): boolean {
  return thrown instanceof GradError && thrown.code === "file_changed";
}

type Target = Readonly<{ folder: ConfinedFolder; name: string }>;
type OpenDownload = Download & Target;

/** The bytes that were received, of a revision of the source. */
type Part = Readonly<{ fd: number; revision: string }>;

const partOf = (name: string) => `${name}.part`;
const revisionOf = (name: string) => `${name}.part.revision`;
/** Longer than any revision that grad makes. */
const MAX_REVISION_BYTES = 1_024;

/** What an interrupted download has left. It counts only where it is a file of this user without a second name. */
function openEarlier({ folder, name }: Target): Part | undefined {
  const fd = folder.openOwn(partOf(name));
  if (fd === undefined) return undefined;
  const revision = readRevision(folder, revisionOf(name));
  if (revision !== "") return { fd, revision };
  closeSync(fd);
  return undefined;
}

function readRevision(folder: ConfinedFolder, name: string): string {
  const fd = folder.openOwn(name);
  if (fd === undefined) return "";
  try {
    const { size } = fstatSync(fd);
    if (size > MAX_REVISION_BYTES) return "";
    const bytes = new Uint8Array(size);
    return new TextDecoder().decode(bytes.subarray(0, readSync(fd, bytes, 0, size, 0)));
  } finally {
    closeSync(fd);
  }
}

/** Creates a file in place of what has its name: a link is removed, not followed. */
function createAgain(folder: ConfinedFolder, name: string): number {
  removeIfThere(folder, name);
  return folder.create(name);
}

/** Goes on behind an earlier part. Without one nothing is created before the first part has come, so that a refusal leaves nothing. */
async function fetchFrom(
  how: Downloader,
  file: OpenDownload,
  earlier: Part | undefined,
): Promise<Downloaded> {
  const { files, signal } = how;
  const { folder, name, source } = file;
  const { path } = source;
  const hash = createHash("sha256");
  let fd = earlier?.fd;
  let revision = earlier?.revision ?? "";
  let offset: number;
  let resumedAt: number;
  let total = file.announced?.bytes;
  let got: FilePart;
  try {
    offset = resumedAt = fd === undefined ? 0 : await hashFile(hash, fd, signal);
    do {
      got = await files.read({ ...source, offset, maxBytes: MAX_FILE_PART_BYTES, revision }, signal);
      total ??= got.totalBytes;
      if (got.totalBytes !== total || offset + got.data.length > total) {
        throw changed(`Cannot save ${path}: it had ${total} bytes, and has ${got.totalBytes} now`);
      }
      if (revision === "") writeRevision(folder, revisionOf(name), got.revision);
      revision = got.revision;
      if (got.data.length === 0 && offset < total) {
        throw changed(`Cannot read ${path}: it ended at ${offset} of ${total} bytes`);
      }
      fd ??= createAgain(folder, partOf(name));
      writeAll(fd, got.data, offset);
      hash.update(got.data);
      offset += got.data.length;
      how.progress?.(offset, total);
    } while (offset < total);
    await promisify(fsync)(fd);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  const sha256 = hash.digest("hex");
  const announced = file.announced?.sha256 ?? "";
  if (announced !== "" && sha256 !== announced) {
    throw changed(`Cannot save ${path}: its content is not what was announced`);
  }
  putInPlace(file);
  return { bytes: offset, sha256, mode: got.mode, resumedAt };
}

function putInPlace({ folder, name, to, exclusive }: OpenDownload): void {
  if (exclusive) {
    try {
      folder.link(partOf(name), name); // unlike a rename, it replaces nothing
    } catch (thrown) {
      throw thrown instanceof Deno.errors.AlreadyExists ? fileExists(to) : thrown;
    }
    removeIfThere(folder, partOf(name));
  } else {
    folder.rename(partOf(name), name);
  }
  removeIfThere(folder, revisionOf(name));
  folder.sync();
}

export function fileExists(to: Destination): GradError {
  return new GradError("file_exists", `Cannot save "${localPath(to)}": it is there already`, {
    hint: "Choose another name, or replace it with `--force`.",
  });
}

function changed(message: string): GradError {
  return new GradError("file_changed", message, { hint: "`gractl file get` copies it as it is now." });
}

function writeRevision(folder: ConfinedFolder, name: string, revision: string): void {
  const fd = createAgain(folder, name);
  try {
    writeAll(fd, new TextEncoder().encode(revision), 0);
  } finally {
    closeSync(fd);
  }
}

const HASHED_BYTES = 1024 * 1024;

/** Hashes an open file; returns its length. */
async function hashFile(hash: Hash, fd: number, signal: AbortSignal): Promise<number> {
  const buffer = new Uint8Array(HASHED_BYTES);
  let bytes = 0;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await promisify(read)(fd, buffer, 0, buffer.length, bytes);
    if (bytesRead === 0) return bytes;
    hash.update(buffer.subarray(0, bytesRead));
    bytes += bytesRead;
  }
}
