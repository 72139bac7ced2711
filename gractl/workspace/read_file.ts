import { sep } from "node:path";
import type { Fault } from "./fault.ts";
import { MAX_BYTES } from "./yaml_file.ts";

/**
 * The bytes of a file of the workspace, or why it is not read. A workspace may be a stranger's clone: a link in it must not lead us
 * to read another file of the user, and a pipe or device must not hang us.
 *
 * @throws {Deno.errors.NotFound}
 */
export async function readWorkspaceFile(
  file: string,
  dir: string,
): Promise<{ bytes: Uint8Array } | { fault: Fault }> {
  const fault = (message: string) => ({ fault: { file, line: 1, column: 1, key: "", message } });
  try {
    const [real, root] = await Promise.all([Deno.realPath(file), Deno.realPath(dir)]);
    if (!real.startsWith(root + sep)) {
      return fault("is a link out of the workspace; put the file itself here");
    }
    const { isFile, size } = await Deno.stat(real);
    if (!isFile) return fault("is not a regular file; remove it, or give it another ending");
    // One byte more is enough for the reader to say that it is too large.
    return { bytes: size > MAX_BYTES ? new Uint8Array(MAX_BYTES + 1) : await Deno.readFile(real) };
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) {
      return fault("cannot be read; give yourself the right to");
    }
    throw error;
  }
}
