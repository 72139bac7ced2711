import { GradError } from "../../../shared/errors.ts";
import { shellCommand } from "../../../shared/shell_quote.ts";
import type { Ids } from "../../../shared/ids.ts";
import { formatSize } from "../../../shared/size.ts";
import type { Artifact, MimePart } from "../../client/executions.ts";
import { type Destination, localPath, writeDestination } from "../../confined/destination.ts";
import { isWhole } from "../../documents/mime_fields.ts";
import { hasContent } from "../../confined/has_content.ts";
import { LocalPaths, saveFailure } from "./local_files.ts";
import type { OutputFolder } from "./output_folder.ts";

/** Larger files are not downloaded automatically. */
const MAX_FILE_BYTES = 64 * 2 ** 20;
/** Of all files of one execution together. */
const MAX_EXECUTION_BYTES = 4 * MAX_FILE_BYTES;

/** Files that cannot be saved are named up to so many; a clone of a repository has thousands that are not. */
const MAX_NAMED_FAILURES = 10;

/** Size and checksum of a file in the event that named it. */
export type Announced = Readonly<{ bytes: number; sha256: string }>;

export type SaverOptions = Readonly<{
  /** Where files are saved; `undefined` for nowhere. */
  folder: OutputFolder | undefined;
  executionId: string;
  ids: Ids;
  /** Also download files that the code wrote, not only images that it displayed. */
  artifacts: boolean;
  /**
   * Downloads a file of the runner that still is what was announced; an empty `sha256` (hexadecimal) is not known. With `exclusive` a
   * file that is there already is `file_exists`.
   */
  download(
    path: string,
    to: Destination,
    announced: Announced,
    options: { exclusive: boolean },
  ): Promise<void>;
  warn(text: string): void;
}>;

/** Knows where files of an execution are on this machine, or saves them. */
export interface FileSaver {
  /** Of an image, or another part of a result that is a file. Returns the local path, if there is one. */
  part(part: MimePart): Promise<string | undefined>;
  /** Of a file that the code created or changed. Returns the local path, if there is one. */
  artifact(artifact: Artifact): Promise<string | undefined>;
}

/** Saves images and files of an execution on this machine, so that every local path in the output exists. */
export class OutputSaver implements FileSaver {
  readonly #options: SaverOptions;
  /** Local paths of saved files, by path in the runner. */
  readonly #saved = new Map<string, string>();
  readonly #paths: LocalPaths;
  #downloadedBytes = 0;
  #failures = 0;

  constructor(options: SaverOptions) {
    this.#options = options;
    this.#paths = new LocalPaths(options.executionId);
  }

  async part(part: MimePart): Promise<string | undefined> {
    const { path, data, bytes } = part;
    if (path === "") return undefined;
    if (!isWhole(part)) return await this.#download(path, { bytes, sha256: "" });
    return await this.#save(path, {
      write: (to, exclusive) => writeDestination(to, data, { ids: this.#options.ids, exclusive }),
      isSame: (to) => hasContent(to, data),
    });
  }

  async artifact(artifact: Artifact): Promise<string | undefined> {
    if (!this.#options.artifacts) return this.#saved.get(artifact.path);
    return await this.#download(artifact.path, artifact);
  }

  async #download(path: string, file: Announced): Promise<string | undefined> {
    const saved = this.#saved.get(path);
    if (saved !== undefined) return saved;
    if (this.#options.folder === undefined) return undefined;
    if (file.bytes > MAX_FILE_BYTES || this.#downloadedBytes + file.bytes > MAX_EXECUTION_BYTES) {
      const get = shellCommand`gractl file get ${path}`;
      this.#options.warn(`${path} (${formatSize(file.bytes)}) was not downloaded: get it with ${get}`);
      return undefined;
    }
    this.#downloadedBytes += file.bytes;
    const { bytes, sha256 } = file;
    return await this.#save(path, {
      write: (to, exclusive) => this.#options.download(path, to, { bytes, sha256 }, { exclusive }),
      isSame: (to) => hasContent(to, file),
    });
  }

  async #save(path: string, file: SavedFile): Promise<string | undefined> {
    const { folder } = this.#options;
    if (folder === undefined) return undefined;
    const local = this.#paths.of(path);
    const refused = "refused" in local ? local.refused : folder.refusal(local.path);
    if ("refused" in local || refused !== undefined) return this.#fail(path, refused);
    const [first, ...others] = [...folder.path, ...local.path];
    const to: Destination = { root: folder.root, path: [first!, ...others] };
    try {
      await this.#write(to, file, folder);
    } catch (thrown) {
      return this.#fail(path, thrown);
    }
    if (this.#saved.size === 0) this.#afterFirst(folder);
    this.#saved.set(path, localPath(to));
    return localPath(to);
  }

  async #write(to: Destination, file: SavedFile, { replace }: OutputFolder): Promise<void> {
    try {
      await file.write(to, !replace);
    } catch (thrown) {
      if (!isThere(thrown)) throw thrown;
      if (file.isSame(to)) return;
      throw new Error(`${localPath(to)} is there already; replace it with --force`);
    }
  }

  /** The output itself is complete, so a missing file is only a warning. */
  #fail(path: string, why: unknown): undefined {
    this.#failures++;
    if (this.#failures <= MAX_NAMED_FAILURES) this.#options.warn(saveFailure(path, why));
    if (this.#failures === MAX_NAMED_FAILURES + 1) {
      const list = shellCommand`gractl execution get ${this.#options.executionId}`;
      this.#options.warn(`More files cannot be saved on this machine: ${list} lists all of them`);
    }
    return undefined;
  }

  #afterFirst(folder: OutputFolder): void {
    try {
      folder.onSaved();
    } catch {
      // Not every file system has links; the files are there without it.
    }
  }
}

type SavedFile = Readonly<{
  write(to: Destination, exclusive: boolean): void | Promise<void>;
  /** Whether the file that is there has the same content. */
  isSame(to: Destination): boolean;
}>;

function isThere(thrown: unknown): boolean {
  return thrown instanceof Deno.errors.AlreadyExists ||
    (thrown instanceof GradError && thrown.code === "file_exists");
}
