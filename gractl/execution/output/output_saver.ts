import { formatSize } from "../../../shared/size.ts";
import type { Artifact, MimePart } from "../../client/executions.ts";
import { cannotKeep, localPathOf, writeWhole } from "./local_files.ts";

/** Files up to this size are fetched by themselves; of one execution at most four times as much. */
const MAX_FILE_BYTES = 64 * 2 ** 20;
const MAX_EXECUTION_BYTES = 4 * MAX_FILE_BYTES;

export type SaverOptions = Readonly<{
  /** `workspace/outputs/<execution>`, absolute; `undefined` where there is no workspace. */
  folder: string | undefined;
  executionId: string;
  /** Fetch the files that the code made, not only images that it showed. */
  artifacts: boolean;
  /** Fetches a file of the runner; the checksum, hexadecimal, is checked where it is not empty. */
  fetch(path: string, to: string, expected: { sha256: string }): Promise<void>;
  warn(text: string): void;
}>;

/** Keeps an execution's images and files on this machine, so that every path that is told exists. */
export class OutputSaver {
  readonly #options: SaverOptions;
  /** Local paths of what is here, by the runner's path. */
  readonly #saved = new Map<string, string>();
  #fetchedBytes = 0;

  constructor(options: SaverOptions) {
    this.#options = options;
  }

  /** Keeps one image or oversized part of a result. */
  async part(part: MimePart): Promise<string | undefined> {
    if (part.path === "") return undefined;
    if (part.data.length === 0 && part.bytes > 0) {
      return await this.#fetch(part.path, { bytes: part.bytes, sha256: "" });
    }
    return await this.#keep(part.path, (to) => writeWhole(to, part.data));
  }

  /** Keeps a file that the code made or changed. */
  async artifact(artifact: Artifact): Promise<string | undefined> {
    if (!this.#options.artifacts) return this.#saved.get(artifact.path);
    return await this.#fetch(artifact.path, artifact);
  }

  async #fetch(path: string, file: { bytes: number; sha256: string }): Promise<string | undefined> {
    const saved = this.#saved.get(path);
    if (saved !== undefined) return saved;
    if (this.#options.folder === undefined) return undefined;
    if (file.bytes > MAX_FILE_BYTES || this.#fetchedBytes + file.bytes > MAX_EXECUTION_BYTES) {
      const get = `\`gractl file get ${path}\``;
      this.#options.warn(`${path} (${formatSize(file.bytes)}) stays in the runner: fetch it with ${get}`);
      return undefined;
    }
    this.#fetchedBytes += file.bytes;
    return await this.#keep(path, (to) => this.#options.fetch(path, to, { sha256: file.sha256 }));
  }

  async #keep(path: string, write: (to: string) => Promise<void>): Promise<string | undefined> {
    const { folder, executionId, warn } = this.#options;
    const to = folder === undefined ? undefined : localPathOf(folder, executionId, path);
    if (to === undefined) return undefined;
    try {
      await write(to);
      this.#saved.set(path, to);
      return to;
    } catch (thrown) {
      // The answer itself is here: a file less is a warning.
      warn(cannotKeep(path, thrown));
      return undefined;
    }
  }
}
