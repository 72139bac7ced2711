import { dirname, join } from "node:path";
import { GradError } from "../../../shared/errors.ts";

/**
 * Where a file of the runner is kept on this machine: below `folder`, which is the execution's own. Its own outputs lie at the top,
 * what other parts of the workspace hold keeps its path. `undefined` for a path that could lead elsewhere: names are the code's.
 */
export function localPathOf(folder: string, executionId: string, path: string): string | undefined {
  const parts = path.split("/");
  const unsafe = (part: string) => part === "" || part === "." || part === ".." || part.includes("\0");
  if (parts.length < 2 || parts.some(unsafe)) return undefined;
  const [top, second] = parts;
  const skip = top !== "outputs" ? 0 : second === executionId && parts.length > 2 ? 2 : 1;
  return join(folder, ...parts.slice(skip));
}

/** Writes a whole file in one step: nobody sees a half one. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  await Deno.writeFile(part, bytes);
  await Deno.rename(part, path);
}

/** Why a file could not be kept here, in words for a warning. */
export function cannotKeep(path: string, thrown: unknown): string {
  const why = thrown instanceof GradError || thrown instanceof Error ? thrown.message : String(thrown);
  return `Cannot keep ${path} on this machine: ${why}`;
}
