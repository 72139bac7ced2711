import { dirname, join } from "node:path";
import { messageOf } from "../../../shared/errors.ts";

/**
 * The local path for a file of the runner, below `folder`, which belongs to one execution. Files of `outputs/` and of
 * `outputs/<execution>/` go to the top of it, others keep their path. `undefined` for a path that could lead out of `folder`: code
 * chooses the names.
 */
export function localPathOf(folder: string, executionId: string, path: string): string | undefined {
  const parts = path.split("/");
  const unsafe = (part: string) => part === "" || part === "." || part === ".." || part.includes("\0");
  if (parts.length < 2 || parts.some(unsafe)) return undefined;
  const [top, second] = parts;
  const skip = top !== "outputs" ? 0 : second === executionId && parts.length > 2 ? 2 : 1;
  return join(folder, ...parts.slice(skip));
}

/** Writes a file atomically: no reader sees a part of it. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  await Deno.writeFile(part, bytes);
  await Deno.rename(part, path);
}

/** The text of a warning about a file that could not be saved on this machine. */
export function saveFailure(path: string, thrown: unknown): string {
  return `Cannot save ${path} on this machine: ${messageOf(thrown)}`;
}
