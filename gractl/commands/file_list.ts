import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { RUNNER_OPTION, runnerRef } from "./runner_ref.ts";

/** `gractl file list`. */
export function fileList(deps: Deps) {
  return new Command("list").description("List files in a runner")
    .argument("[path]", "folder or file in the runner (default: the whole workspace)", "")
    .option(...RUNNER_OPTION)
    .option("--recursive", "include files in subfolders", false)
    .action(async (path, { runner: name, recursive }) => {
      const { fileFields, fileTable } = await import("../documents/file_document.ts");
      const runner = await runnerRef(deps, name);
      await using client = await deps.connect();
      const request = { runner, path, recursive };
      const { entries, truncated } = await client.files.list(request, deps.signal);
      deps.out.document("FileList", { items: entries.map(fileFields), truncated }, () => {
        return fileTable(entries, { style: deps.out.style, now: deps.clock.now() });
      });
      if (truncated) deps.out.warn("warning: Not all files are listed. Name a folder to see more.");
    });
}
