import { sep } from "node:path";
import type { Fault } from "./fault.ts";
import { MAX_BYTES } from "./yaml_file.ts";

/**
 * Reads a file of the workspace. The workspace may be a clone of somebody else's repository, so a symbolic link that leads out of it
 * and anything but a regular file (a pipe would block) is a fault.
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
      return fault("is a link to a file outside the workspace; replace it with the file");
    }
    const { isFile, size } = await Deno.stat(real);
    if (!isFile) return fault("is not a regular file; remove it, or rename it to another extension");
    // One byte over the limit makes the parser report the size.
    return { bytes: size > MAX_BYTES ? new Uint8Array(MAX_BYTES + 1) : await Deno.readFile(real) };
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) {
      return fault("is not readable; make it readable for your user");
    }
    throw error;
  }
}
