import { shellCommand } from "../../../shared/shell_quote.ts";
import type { Ids } from "../../../shared/ids.ts";
import { formatSize } from "../../../shared/size.ts";
import type { Artifact, MimePart } from "../../client/executions.ts";
import { type Destination, localPath, writeDestination } from "../../confined/destination.ts";
import { localPathOf, saveFailure } from "./local_files.ts";

/** Larger files are not downloaded automatically. */
const MAX_FILE_BYTES = 64 * 2 ** 20;
/** Of all files of one execution together. */
const MAX_EXECUTION_BYTES = 4 * MAX_FILE_BYTES;

/** Size and checksum of a file in the event that named it. */
export type Announced = Readonly<{ bytes: number; sha256: string }>;

export type SaverOptions = Readonly<{
  /** Absolute path of the workspace: files go to `outputs/<execution>` in it. `undefined` without one: then nothing is saved. */
  workspaceDir: string | undefined;
  executionId: string;
  ids: Ids;
  /** Also download files that the code wrote, not only images that it displayed. */
  artifacts: boolean;
  /** Downloads a file of the runner that still is what was announced; an empty `sha256` (hexadecimal) is not known. */
  download(path: string, to: Destination, announced: Announced): Promise<void>;
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
  #downloadedBytes = 0;

  constructor(options: SaverOptions) {
    this.#options = options;
  }

  async part(part: MimePart): Promise<string | undefined> {
    if (part.path === "") return undefined;
    if (part.data.length === 0 && part.bytes > 0) {
      return await this.#download(part.path, { bytes: part.bytes, sha256: "" });
    }
    return await this.#save(
      part.path,
      (to) => writeDestination(to, part.data, { ids: this.#options.ids, exclusive: false }),
    );
  }

  async artifact(artifact: Artifact): Promise<string | undefined> {
    if (!this.#options.artifacts) return this.#saved.get(artifact.path);
    return await this.#download(artifact.path, artifact);
  }

  async #download(path: string, file: Announced): Promise<string | undefined> {
    const saved = this.#saved.get(path);
    if (saved !== undefined) return saved;
    if (this.#options.workspaceDir === undefined) return undefined;
    if (file.bytes > MAX_FILE_BYTES || this.#downloadedBytes + file.bytes > MAX_EXECUTION_BYTES) {
      const get = shellCommand`gractl file get ${path}`;
      this.#options.warn(`${path} (${formatSize(file.bytes)}) was not downloaded: get it with ${get}`);
      return undefined;
    }
    this.#downloadedBytes += file.bytes;
    const { bytes, sha256 } = file;
    return await this.#save(path, (to) => this.#options.download(path, to, { bytes, sha256 }));
  }

  async #save(
    path: string,
    write: (to: Destination) => void | Promise<void>,
  ): Promise<string | undefined> {
    const { workspaceDir, executionId, warn } = this.#options;
    if (workspaceDir === undefined) return undefined;
    const local = localPathOf(executionId, path);
    if ("refused" in local) {
      warn(saveFailure(path, local.refused));
      return undefined;
    }
    const to: Destination = { root: workspaceDir, path: ["outputs", executionId, ...local.path] };
    try {
      await write(to);
      this.#saved.set(path, localPath(to));
      return localPath(to);
    } catch (thrown) {
      // The output itself is complete, so a missing file is only a warning.
      warn(saveFailure(path, thrown));
      return undefined;
    }
  }
}
