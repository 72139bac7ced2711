import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import { formatSize } from "../../shared/size.ts";
import type { RunnerRef } from "../client/runners.ts";
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

/** Whether the local file may be replaced: it is not there, or the user says so. @throws {GradError} `file_exists`, `cancelled` */
async function requireFree(deps: Deps, to: Destination, shown: string): Promise<void> {
  const { infoOf } = await import("../confined/destination.ts");
  const info = infoOf(to);
  if (info === undefined) return;
  if (info.isDirectory()) {
    throw new GradError("invalid_argument", `Cannot save "${shown}": it is a folder`);
  }
  const what = info.isFile() ? formatSize(info.size) : "not a regular file";
  const answer = await deps.ask(`Replace ${printable(shown)} (${what})? [y/N] `);
  if (answer === undefined) {
    throw new GradError("file_exists", `Cannot save "${shown}": it is there already`, {
      hint: "Choose another name, or replace it with `--force`.",
    });
  }
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw new GradError("cancelled", `"${shown}" was not replaced`, { hint: "Choose another name." });
  }
}

/** Writes the file to standard output. */
async function print(deps: Deps, source: { runner: RunnerRef; path: string }): Promise<void> {
  if (deps.out.format !== "text") {
    throw new GradError("usage", "Cannot write a file and a JSON document to standard output", {
      hint: "Leave out -o, or name a destination.",
    });
  }
  const { streamFile } = await import("../file/stream_file.ts");
  await using client = await deps.connect();
  for await (const part of streamFile(client.files, source, deps.signal)) {
    await deps.out.write("stdout", part);
  }
  await deps.out.endStreams();
}

/** `gractl file get`: downloads a file. */
export function fileGet(deps: Deps) {
  return new Command("get").description("Copy a file from a runner; an interrupted copy is continued")
    .argument("<source>", "path in the runner, such as outputs/table.csv or /workspace/outputs/table.csv")
    .argument(
      "[destination]",
      'file or folder on this machine, or "-" for standard output (default: the current folder)',
    )
    .option(...RUNNER_OPTION)
    .option("--force", "replace a file on this machine without asking", false)
    .action(async (path, destination, { force, runner: name }) => {
      const runner = await runnerRef(deps, name);
      if (destination === "-") return await print(deps, { runner, path });
      const { dir: workspaceDir } = await deps.workspace();
      const { to, shown } = await destinationOf(nameOf(path), destination ?? ".", {
        cwd: deps.cwd,
        workspaceDir,
      });
      if (!force) await requireFree(deps, to, shown);
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
