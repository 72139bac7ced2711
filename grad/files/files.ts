import type { RunnerManager } from "../runners/manager.ts";
import type { RunnerRef } from "../runners/runner.ts";
import type {
  FileAgent,
  FileEntry,
  FileList,
  FilePart,
  ReadFile,
  Upload,
  UploadPart,
} from "../agent/file.ts";

const DEFAULT_PART_BYTES = 1 << 20;
const MAX_PART_BYTES = 4 << 20;

/** Files of the caller's runners. Reading never starts components; an upload does, and makes the runner where there is none. */
export class Files {
  readonly #runners: RunnerManager;

  constructor(runners: RunnerManager) {
    this.#runners = runners;
  }

  list(
    owner: string,
    runner: RunnerRef,
    request: { path: string; recursive: boolean },
    signal: AbortSignal,
  ): Promise<FileList> {
    return this.#ask(owner, runner, signal, (agent) => agent.listFiles(request, signal));
  }

  read(owner: string, runner: RunnerRef, request: ReadFile, signal: AbortSignal): Promise<FilePart> {
    const maxBytes = Math.min(request.maxBytes || DEFAULT_PART_BYTES, MAX_PART_BYTES);
    return this.#ask(owner, runner, signal, (agent) => agent.readFile({ ...request, maxBytes }, signal));
  }

  async beginUpload(
    owner: string,
    runner: RunnerRef,
    request: Upload,
    signal: AbortSignal,
  ): Promise<{ uploadId: string; offset: bigint }> {
    await this.#runners.ensure(owner, runner, undefined, signal);
    return await this.#ask(owner, runner, signal, (agent) => agent.beginUpload(request, signal));
  }

  writeUpload(
    owner: string,
    runner: RunnerRef,
    request: UploadPart,
    signal: AbortSignal,
  ): Promise<{ offset: bigint }> {
    return this.#ask(owner, runner, signal, (agent) => agent.writeUpload(request, signal));
  }

  finishUpload(owner: string, runner: RunnerRef, uploadId: string, signal: AbortSignal): Promise<FileEntry> {
    return this.#ask(owner, runner, signal, (agent) => agent.finishUpload(uploadId, signal));
  }

  async #ask<T>(
    owner: string,
    runner: RunnerRef,
    signal: AbortSignal,
    ask: (agent: FileAgent) => Promise<T>,
  ): Promise<T> {
    const record = await this.#runners.find.existing(owner, runner);
    return await this.#runners.reach(record, ({ agent }) => ask(agent), signal);
  }
}
