import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { Artifact, MimePart } from "../../client/executions.ts";
import { LocalPaths } from "./local_files.ts";
import type { FileSaver } from "./output_saver.ts";

/** Knows the files of an execution that earlier calls saved on this machine. Saves none. */
export class SavedFiles implements FileSaver {
  readonly #workspaceDir: string | undefined;
  readonly #executionId: string;
  readonly #paths: LocalPaths;

  constructor(options: Readonly<{ workspaceDir: string | undefined; executionId: string }>) {
    this.#workspaceDir = options.workspaceDir;
    this.#executionId = options.executionId;
    this.#paths = new LocalPaths(options.executionId);
  }

  part({ path }: MimePart): Promise<string | undefined> {
    return Promise.resolve(this.#saved(path));
  }

  artifact({ path }: Artifact): Promise<string | undefined> {
    return Promise.resolve(this.#saved(path));
  }

  #saved(path: string): string | undefined {
    if (path === "") return undefined;
    const local = this.#paths.of(path);
    if (this.#workspaceDir === undefined || "refused" in local) return undefined;
    const at = join(this.#workspaceDir, "outputs", this.#executionId, ...local.path);
    return lstatSync(at, { throwIfNoEntry: false })?.isFile() ? at : undefined;
  }
}
