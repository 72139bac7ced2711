import { basename, join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import { formatSize } from "../../shared/size.ts";
import type { Deps } from "../deps.ts";
import { printable } from "../ui/printable.ts";
import { RUNNER_OPTION, runnerRef } from "./runner_ref.ts";
import { transferProgress } from "./transfer_progress.ts";

/** The local path for a file: in the destination if that is a folder, else the destination itself. */
async function targetOf(path: string, destination: string | undefined): Promise<string> {
  const name = basename(path);
  if (name === "" || name === "." || name === "..") {
    throw new GradError(
      "path_not_allowed",
      `Cannot get ${JSON.stringify(path)}: it is not the name of a file`,
      {
        hint: "Find files with `gractl file list`.",
      },
    );
  }
  if (destination === undefined) return name;
  const isFolder = destination.endsWith("/") ||
    await Deno.stat(destination).then((stat) => stat.isDirectory, () => false);
  return isFolder ? join(destination, name) : destination;
}

/** `gractl file get`: downloads a file. */
export function fileGet(deps: Deps) {
  return new Command("get").description("Copy a file from a runner; an interrupted copy is continued")
    .argument("<source>", "path in the runner, such as outputs/table.csv")
    .argument("[destination]", "file or folder on this machine (default: the current folder)")
    .option(...RUNNER_OPTION)
    .action(async (path, destination, options) => {
      const runner = await runnerRef(deps, options.runner);
      const to = await targetOf(path, destination);
      const { download } = await import("../file/download.ts");
      await using client = await deps.connect();
      const { bytes, sha256, resumedAt } = await download(
        { files: client.files, signal: deps.signal, progress: transferProgress(deps.out, path) },
        { source: { runner, path }, to },
      );
      deps.out.document("File", { path, localPath: to, bytes, sha256, resumedAt }, () => {
        const resumed = resumedAt > 0 ? `, continued at ${formatSize(resumedAt)}` : "";
        return `Got ${printable(to)} (${formatSize(bytes)}${resumed}).`;
      });
    });
}
