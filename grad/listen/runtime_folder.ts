import { GradError } from "../../shared/errors.ts";

/** Makes sure that a folder for sockets is there, ours alone and no link. @throws {GradError} `permission_denied` */
export async function claimRuntimeFolder(path: string, uid: number): Promise<void> {
  await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  const { isDirectory, isSymlink, uid: owner, mode } = await Deno.lstat(path);
  const fault = !isDirectory || isSymlink
    ? "it is not a folder"
    : owner !== uid
    ? `it belongs to user ${owner}`
    : ((mode ?? 0) & 0o077) !== 0
    ? "other users can open it"
    : undefined;
  if (fault === undefined) return;
  throw new GradError("permission_denied", `Cannot put sockets into "${path}": ${fault}`, {
    hint: `Make it a folder of your own with mode 0700, or set GRAD_RUNTIME_DIR.`,
  });
}

/** `path` if it is a folder that belongs to `uid`. */
export async function ownFolder(path: string | undefined, uid: number): Promise<string | undefined> {
  if (!path) return undefined;
  const found = await Deno.lstat(path).catch(() => undefined);
  return found?.isDirectory && found.uid === uid ? path : undefined;
}
