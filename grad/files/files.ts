import { DEFAULT_FILE_PART_BYTES, MAX_FILE_PART_BYTES } from "../../shared/limits.ts";
import type { CallContext } from "../auth/call_context.ts";
import type { RunnerService } from "../runners/service.ts";
import type { RequestedRef } from "../runners/runner.ts";
import type { FileEntry, FileList, FilePart, ReadFile, Upload, UploadPart } from "../agent/file.ts";

/** Files of the caller's runners. Reading never starts components; an upload does, and makes the runner where there is none. */
export class Files {
  readonly #runners: RunnerService;

  constructor(runners: RunnerService) {
    this.#runners = runners;
  }

  list(
    context: CallContext,
    runner: RequestedRef,
    request: { path: string; recursive: boolean },
  ): Promise<FileList> {
    return this.#runners.ask(context, runner, (agent, signal) => agent.listFiles(request, signal));
  }

  read(context: CallContext, runner: RequestedRef, request: ReadFile): Promise<FilePart> {
    const maxBytes = Math.min(request.maxBytes || DEFAULT_FILE_PART_BYTES, MAX_FILE_PART_BYTES);
    return this.#runners.ask(
      context,
      runner,
      (agent, signal) => agent.readFile({ ...request, maxBytes }, signal),
    );
  }

  async beginUpload(
    context: CallContext,
    runner: RequestedRef,
    request: Upload,
    { existing }: Readonly<{ existing: boolean | undefined }>,
  ): Promise<{ uploadId: string; offset: bigint }> {
    await this.#runners.ensure(context, runner, undefined, { verify: true, existing });
    return await this.#runners.ask(context, runner, (agent, signal) => agent.beginUpload(request, signal));
  }

  writeUpload(
    context: CallContext,
    runner: RequestedRef,
    request: UploadPart,
  ): Promise<{ offset: bigint }> {
    return this.#runners.ask(context, runner, (agent, signal) => agent.writeUpload(request, signal));
  }

  finishUpload(context: CallContext, runner: RequestedRef, uploadId: string): Promise<FileEntry> {
    return this.#runners.ask(context, runner, (agent, signal) => agent.finishUpload(uploadId, signal));
  }
}
