import { basename, join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { formatSize } from "../../shared/size.ts";
import type { Deps } from "../deps.ts";
import { printable } from "../ui/printable.ts";
import { RUNNER_OPTION, runnerToUse } from "./runner_ref.ts";
import { transferProgress } from "./transfer_progress.ts";

/** `gractl file put`: uploads a file. */
export function filePut(deps: Deps) {
  return new Command("put").description("Copy a file to a runner; an interrupted copy is continued")
    .argument("<source>", "file on this machine")
    .argument("<destination>", "path in the runner, such as model.csv, code/model.py or outputs/")
    .option(...RUNNER_OPTION)
    .action(async (source, destination, options) => {
      const used = await runnerToUse(deps, options.runner);
      // Where a folder is meant, the file keeps its name.
      const path = /^(?:\.?|\/workspace)$|\/\.?$/.test(destination)
        ? join(destination, basename(source))
        : destination;
      const { upload } = await import("../file/upload.ts");
      const { fileFields } = await import("../documents/file_document.ts");
      await using client = await deps.connect();
      const { entry, sha256, resumedAt } = await upload(
        { files: client.files, signal: deps.signal, progress: transferProgress(deps.out, path) },
        { from: source, target: { ...used, path } },
      );
      deps.out.document("File", { ...fileFields(entry), localPath: source, sha256, resumedAt }, () => {
        const resumed = resumedAt > 0 ? `, continued at ${formatSize(resumedAt)}` : "";
        return `Put ${printable(entry.path)} (${formatSize(entry.bytes)}${resumed}).`;
      });
    });
}
