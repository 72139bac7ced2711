import { createHash, type Hash } from "node:crypto";
import { dirname } from "node:path";
import { GradError } from "../../shared/errors.ts";
import { MAX_FILE_PART_BYTES } from "../../shared/limits.ts";
import type { FileCalls, FilePart } from "../client/files.ts";
import type { RunnerRef } from "../client/runners.ts";

export type Downloader = Readonly<{
  files: Pick<FileCalls, "read">;
  signal: AbortSignal;
  /** Called after each part, with bytes. */
  progress?(done: number, total: number): void;
}>;

export type Download = Readonly<{
  source: Readonly<{ runner: RunnerRef; path: string }>;
  /** Local path. During the download, `<to>.part` has the received bytes and `<to>.part.revision` the revision of the source. */
  to: string;
  /**
   * What an event announced: another size or checksum is `file_changed`, and nothing is stored. Without it the file is copied as it
   * is now. The checksum is hexadecimal; empty where it is unknown.
   */
  announced?: Readonly<{ bytes: number; sha256: string }>;
}>;

export type Downloaded = Readonly<{ bytes: number; sha256: string; mode: number; resumedAt: number }>;

/**
 * Downloads a file. An earlier, interrupted download is continued if the file in the runner has not changed since. The target appears
 * only when it is complete. No more than the announced size is ever read, and nothing is left of a file that has changed.
 *
 * @throws {GradError} `file_not_found`, `file_changed`
 */
export async function download(how: Downloader, what: Download): Promise<Downloaded> {
  await Deno.mkdir(dirname(what.to), { recursive: true });
  const earlier = await readEarlier(what.to);
  if (earlier === undefined) return await fetchWhole(how, what);
  try {
    return await fetchFrom(how, what, earlier);
  } catch (thrown) {
    // The file has changed since, so the received part is useless.
    if (!hasChanged(thrown)) throw thrown;
    return await fetchWhole(how, what);
  }
}

async function fetchWhole(how: Downloader, what: Download): Promise<Downloaded> {
  try {
    return await fetchFrom(how, what, undefined);
  } catch (thrown) {
    if (hasChanged(thrown)) await discard(`${what.to}.part`);
    throw thrown;
  }
}

function hasChanged(thrown: unknown): boolean {
  return thrown instanceof GradError && thrown.code === "file_changed";
}

type Earlier = Readonly<{ bytes: number; revision: string }>;

async function readEarlier(to: string): Promise<Earlier | undefined> {
  try {
    const { size, isFile } = await Deno.lstat(`${to}.part`);
    const revision = await Deno.readTextFile(`${to}.part.revision`);
    return isFile && revision !== "" ? { bytes: size, revision } : undefined;
  } catch {
    return undefined;
  }
}

async function fetchFrom(how: Downloader, what: Download, earlier: Earlier | undefined): Promise<Downloaded> {
  const { files, signal } = how;
  const part = `${what.to}.part`;
  const hash = createHash("sha256");
  let offset = earlier === undefined ? 0 : await hashFile(hash, part);
  const resumedAt = offset;
  let revision = earlier?.revision ?? "";
  const path = what.source.path;
  let total = what.announced?.bytes;
  let got: FilePart;
  {
    using file = await Deno.open(part, {
      write: true,
      create: true,
      append: offset > 0,
      truncate: offset === 0,
    });
    do {
      got = await files.read({ ...what.source, offset, maxBytes: MAX_FILE_PART_BYTES, revision }, signal);
      total ??= got.totalBytes;
      if (got.totalBytes !== total || offset + got.data.length > total) {
        throw changed(`Cannot save ${path}: it had ${total} bytes, and has ${got.totalBytes} now`);
      }
      if (revision === "") await Deno.writeTextFile(`${part}.revision`, got.revision);
      revision = got.revision;
      if (got.data.length === 0 && offset < total) {
        throw changed(`Cannot read ${path}: it ended at ${offset} of ${total} bytes`);
      }
      for (let at = 0; at < got.data.length;) at += await file.write(got.data.subarray(at));
      hash.update(got.data);
      offset += got.data.length;
      how.progress?.(offset, total);
    } while (offset < total);
    await file.sync();
  }
  const sha256 = hash.digest("hex");
  const announced = what.announced?.sha256 ?? "";
  if (announced !== "" && sha256 !== announced) {
    throw changed(`Cannot save ${path}: its content is not what was announced`);
  }
  await Deno.rename(part, what.to);
  await Deno.remove(`${part}.revision`).catch(() => {});
  return { bytes: offset, sha256, mode: got.mode, resumedAt };
}

function changed(message: string): GradError {
  return new GradError("file_changed", message, { hint: "`gractl file get` copies it as it is now." });
}

/** Hashes a local file; returns its length. */
async function hashFile(hash: Hash, path: string): Promise<number> {
  let bytes = 0;
  using file = await Deno.open(path);
  for await (const chunk of file.readable) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return bytes;
}

async function discard(part: string): Promise<void> {
  for (const path of [part, `${part}.revision`]) await Deno.remove(path).catch(() => {});
}
