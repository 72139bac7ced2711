import { basename, dirname, join, resolve } from "node:path";
import { GradError } from "../../../shared/errors.ts";
import { expandHome } from "../../datasets/credentials/aws_files.ts";
import type { CredentialsRef } from "../../datasets/sources/credentials_ref.ts";
import type { DatasetFile } from "../dataset_file.ts";
import type { Grant } from "./grant.ts";

/** A dataset and what it gives access to. */
export type GrantedDataset = Readonly<{
  /** As its file has it, with the links of a folder and of a credentials file resolved: what is used is what was decided about. */
  dataset: DatasetFile;
  /** `undefined` for a folder of the workspace itself that is only read. */
  grant: Grant | undefined;
}>;

/** `workspace.dir` is absolute; its links may be resolved or not. */
export async function grantOf(
  dataset: DatasetFile,
  workspace: Readonly<{ dir: string; home?: string | undefined }>,
): Promise<GrantedDataset> {
  const { source, access } = dataset;
  switch (source.type) {
    case "s3": {
      const { endpoint, bucket, prefix } = source;
      const credentials = await resolvedCredentials(source.credentials, workspace.home);
      return {
        dataset: { ...dataset, source: { ...source, credentials } },
        grant: { kind: "s3", endpoint, bucket, prefix, access, credentials },
      };
    }
    case "directory": {
      const [path, root] = await Promise.all([resolvedPath(source.path), resolvedPath(workspace.dir)]);
      // To write in the workspace is to change what the next call reads, such as config.yaml.
      const own = access === "read-only" && path.startsWith(`${root}/`);
      return {
        dataset: { ...dataset, source: { ...source, path } },
        grant: own ? undefined : { kind: "directory", path, access },
      };
    }
  }
}

/** A clone may bring a link of a harmless name that leads to the user's own credentials file. */
async function resolvedCredentials(ref: CredentialsRef, home: string | undefined): Promise<CredentialsRef> {
  if (ref.source !== "profile" || ref.file === "") return ref;
  return { ...ref, file: await resolvedPath(expandHome(ref.file, home === undefined ? {} : { HOME: home })) };
}

/** As many links as Linux follows in one path. */
const MAX_LINKS = 40;

/** The path with its links resolved, also where its end does not exist: whatever is made there later is at the same place. */
export async function resolvedPath(path: string, links = MAX_LINKS): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (thrown) {
    // What cannot be looked at is left to grad, which cannot attach it either.
    if (!(thrown instanceof Deno.errors.NotFound) || dirname(path) === path) return path;
  }
  const folder = await resolvedPath(dirname(path), links);
  const at = join(folder, basename(path));
  const target = await Deno.readLink(at).catch(() => undefined);
  return target === undefined || links === 0 ? at : await resolvedPath(resolve(folder, target), links - 1);
}

/**
 * Refuses a folder that is, contains or is in one of gractl's own folders: with them code could read tokens, or write what the user
 * trusts.
 *
 * @param own absolute paths
 * @throws {GradError} `dataset_folder_refused`
 */
export async function checkOutsideOwnFolders(dataset: DatasetFile, own: readonly string[]): Promise<void> {
  if (dataset.source.type !== "directory") return;
  const { path } = dataset.source;
  for (const folder of new Set([...own, ...await Promise.all(own.map((each) => resolvedPath(each)))])) {
    if (!isWithin(path, folder) && !isWithin(folder, path)) continue;
    throw new GradError(
      "dataset_folder_refused",
      `Cannot attach the dataset "${dataset.name}": code must not have gractl's folder "${folder}", and "${path}" is not apart from it`,
      { hint: "Name a folder that has only data, such as one below your home folder." },
    );
  }
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer === "/" ? "/" : `${outer}/`);
}
