import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import { formatSize } from "../../shared/size.ts";
import type { Destination } from "../confined/destination.ts";
import type { Deps } from "../deps.ts";
import { printable } from "../ui/printable.ts";
import { RUNNER_OPTION, runnerRef } from "./runner_ref.ts";
import { transferProgress } from "./transfer_progress.ts";

/** The name of the local file, that of the file in the runner. */
function nameOf(path: string): string {
  const name = basename(path);
  if (name !== "" && name !== "." && name !== "..") return name;
  throw new GradError(
    "path_not_allowed",
    `Cannot get ${JSON.stringify(path)}: it is not the name of a file`,
    {
      hint: "Find files with `gractl file list`.",
    },
  );
}

/**
 * Where a file is saved: in `destination` if that is a folder, else as `destination`. `shown` is that path as it was written.
 *
 * The user has chosen the destination, so links in it are followed, as by cp; but not below the workspace, where a clone may have
 * brought them.
 */
async function destinationOf(
  name: string,
  destination: string,
  place: { cwd: string; workspaceDir: string },
): Promise<{ to: Destination; shown: string }> {
  const path = resolve(place.cwd, destination);
  const dir = await Deno.realPath(place.workspaceDir);
  const below = [place.workspaceDir, dir].map((each) => relative(each, path))
    .find((each) => each === "" || (each !== ".." && !each.startsWith(`..${sep}`)));
  const isFolder = /(^|\/)\.{0,2}$/.test(destination) ||
    await Deno.stat(path).then((stat) => stat.isDirectory, () => false);
  const shown = isFolder ? join(destination, name) : destination;
  if (below !== undefined) {
    const [first, ...others] = [...below.split(sep), ...isFolder ? [name] : []].filter((part) => part !== "");
    return { to: { root: dir, path: [first!, ...others] }, shown };
  }
  const root = isFolder ? path : dirname(path);
  await Deno.mkdir(root, { recursive: true });
  return { to: { root, path: [isFolder ? name : basename(path)] }, shown };
}

/** `gractl file get`: downloads a file. */
export function fileGet(deps: Deps) {
  return new Command("get").description("Copy a file from a runner; an interrupted copy is continued")
    .argument("<source>", "path in the runner, such as outputs/table.csv")
    .argument("[destination]", "file or folder on this machine (default: the current folder)")
    .option(...RUNNER_OPTION)
    .action(async (path, destination, options) => {
      const runner = await runnerRef(deps, options.runner);
      const { dir: workspaceDir } = await deps.workspace();
      const name = nameOf(path);
      const { to, shown } = await destinationOf(name, destination ?? ".", { cwd: deps.cwd, workspaceDir });
      const { download } = await import("../file/download.ts");
      await using client = await deps.connect();
      const { bytes, sha256, resumedAt } = await download(
        { files: client.files, signal: deps.signal, progress: transferProgress(deps.out, path) },
        { source: { runner, path }, to },
      );
      deps.out.document("File", { path, localPath: shown, bytes, sha256, resumedAt }, () => {
        const resumed = resumedAt > 0 ? `, continued at ${formatSize(resumedAt)}` : "";
        return `Got ${printable(shown)} (${formatSize(bytes)}${resumed}).`;
      });
    });
}
