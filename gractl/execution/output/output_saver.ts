import { formatSize } from "../../../shared/size.ts";
import type { Artifact, MimePart } from "../../client/executions.ts";
import { localPathOf, saveFailure, writeWhole } from "./local_files.ts";

/** Larger files are not downloaded automatically. */
const MAX_FILE_BYTES = 64 * 2 ** 20;
/** Of all files of one execution together. */
const MAX_EXECUTION_BYTES = 4 * MAX_FILE_BYTES;

/** Size and checksum of a file in the event that named it. */
export type Announced = Readonly<{ bytes: number; sha256: string }>;

export type SaverOptions = Readonly<{
  /** Absolute path of `workspace/outputs/<execution>`; `undefined` without a workspace: then nothing is saved. */
  folder: string | undefined;
  executionId: string;
  /** Also download files that the code wrote, not only images that it displayed. */
  artifacts: boolean;
  /** Downloads a file of the runner that still is what was announced; an empty `sha256` (hexadecimal) is not known. */
  download(path: string, to: string, announced: Announced): Promise<void>;
  warn(text: string): void;
}>;

/** Saves images and files of an execution on this machine, so that every local path in the output exists. */
export class OutputSaver {
  readonly #options: SaverOptions;
  /** Local paths of saved files, by path in the runner. */
  readonly #saved = new Map<string, string>();
  #downloadedBytes = 0;

  constructor(options: SaverOptions) {
    this.#options = options;
  }

  /** Saves one image, or another part of a result that is a file. Returns the local path, if there is one. */
  async part(part: MimePart): Promise<string | undefined> {
    if (part.path === "") return undefined;
    if (part.data.length === 0 && part.bytes > 0) {
      return await this.#download(part.path, { bytes: part.bytes, sha256: "" });
    }
    return await this.#save(part.path, (to) => writeWhole(to, part.data));
  }

  /** Saves a file that the code created or changed. Returns the local path, if there is one. */
  async artifact(artifact: Artifact): Promise<string | undefined> {
    if (!this.#options.artifacts) return this.#saved.get(artifact.path);
    return await this.#download(artifact.path, artifact);
  }

  async #download(path: string, file: Announced): Promise<string | undefined> {
    const saved = this.#saved.get(path);
    if (saved !== undefined) return saved;
    if (this.#options.folder === undefined) return undefined;
    if (file.bytes > MAX_FILE_BYTES || this.#downloadedBytes + file.bytes > MAX_EXECUTION_BYTES) {
      const get = `\`gractl file get ${path}\``;
      this.#options.warn(`${path} (${formatSize(file.bytes)}) was not downloaded: get it with ${get}`);
      return undefined;
    }
    this.#downloadedBytes += file.bytes;
    const { bytes, sha256 } = file;
    return await this.#save(path, (to) => this.#options.download(path, to, { bytes, sha256 }));
  }

  async #save(path: string, write: (to: string) => Promise<void>): Promise<string | undefined> {
    const { folder, executionId, warn } = this.#options;
    const to = folder === undefined ? undefined : localPathOf(folder, executionId, path);
    if (to === undefined) return undefined;
    try {
      await write(to);
      this.#saved.set(path, to);
      return to;
    } catch (thrown) {
      // The output itself is complete, so a missing file is only a warning.
      warn(saveFailure(path, thrown));
      return undefined;
    }
  }
}
