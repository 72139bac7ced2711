import { Command } from "@commander-js/extra-typings";
import { formatSize } from "../../shared/size.ts";
import type { Deps } from "../deps.ts";
import { age } from "../ui/age.ts";
import { fileFields } from "../documents/file_document.ts";
import { RUNNER_OPTION, runnerRef } from "./runner_ref.ts";

/** `gractl file list`. */
export function fileList(deps: Deps) {
  return new Command("list").description("List files in a runner")
    .argument("[path]", "folder or file in the runner (default: the whole workspace)", "")
    .option(...RUNNER_OPTION)
    .option("--recursive", "include files in subfolders", false)
    .action(async (path, { runner: name, recursive }) => {
      const { renderTable } = await import("../ui/tables.ts");
      const runner = await runnerRef(deps, name);
      await using client = await deps.connect();
      const request = { runner, path, recursive };
      const { entries, truncated } = await client.files.list(request, deps.signal);
      deps.out.document("FileList", { items: entries.map(fileFields), truncated }, () => {
        const now = deps.clock.now();
        const rows = entries.map((each) => [
          each.type === "directory" ? `${each.path}/` : each.path,
          each.type === "file" ? formatSize(each.bytes) : each.type,
          age(each.modifiedAt, now),
        ]);
        return renderTable(["PATH", "SIZE", "AGE"], rows, { style: deps.out.style, empty: "No files." });
      });
      if (truncated) deps.out.warn("warning: Not all files are listed. Name a folder to see more.");
    });
}
