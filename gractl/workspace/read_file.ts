import { sep } from "node:path";
import type { Fault } from "../../shared/yaml/fault.ts";
import { MAX_BYTES, readStart } from "../../shared/yaml/read_start.ts";

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
    // One byte over the limit makes the parser report the size.
    const bytes = await readStart(real, MAX_BYTES + 1);
    return bytes === undefined
      ? fault("is not a regular file; remove it, or rename it to another extension")
      : { bytes };
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied || (error as { code?: string }).code === "EACCES") {
      return fault("is not readable; make it readable for your user");
    }
    if (error instanceof Deno.errors.FilesystemLoop || (error as { code?: string }).code === "ELOOP") {
      return fault("is a link that leads to itself; replace it with the file");
    }
    throw error;
  }
}
