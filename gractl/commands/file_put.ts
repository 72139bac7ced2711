import { basename } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { formatSize } from "../../shared/size.ts";
import type { Deps } from "../deps.ts";
import { printable } from "../ui/printable.ts";
import { fileFields } from "../documents/file_document.ts";
import { RUNNER_OPTION, runnerRef } from "./runner_ref.ts";
import { transferProgress } from "./transfer_progress.ts";

/** `gractl file put`: a file of this machine into a runner. */
export function filePut(deps: Deps) {
  return new Command("put").description("Copy a file into a runner; goes on where it was cut")
    .argument("<source>", "a file of this machine")
    .argument("<destination>", "path in the runner, e.g. code/model.py or outputs/")
    .option(...RUNNER_OPTION)
    .action(async (source, destination, options) => {
      const runner = await runnerRef(deps, options.runner);
      const path = destination.endsWith("/") ? destination + basename(source) : destination;
      const { upload } = await import("../file/upload.ts");
      await using client = await deps.connect();
      const { entry, sha256, resumedAt } = await upload(
        { files: client.files, signal: deps.signal, progress: transferProgress(deps.out, path) },
        { from: source, target: { runner, path } },
      );
      deps.out.document("File", { ...fileFields(entry), localPath: source, sha256, resumedAt }, () => {
        const resumed = resumedAt > 0 ? `, of which ${formatSize(resumedAt)} were there` : "";
        return `Put ${printable(entry.path)} (${formatSize(entry.bytes)}${resumed}).`;
      });
    });
}
