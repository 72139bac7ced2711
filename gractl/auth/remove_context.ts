import { GradError } from "../../shared/errors.ts";
import { checkName } from "../../shared/names.ts";
import { nearest } from "../../shared/yaml/nearest.ts";
import { authorityFile, contextFile, tokenFile } from "./context_files.ts";
import { contextNames, type ContextsOf } from "./context_names.ts";

/**
 * Removes a context with the token and the certificates that gractl keeps for it; files that it only names stay. Its file may have faults.
 * The token itself is valid until it expires. Returns the files that were removed.
 *
 * @throws {GradError} `invalid_name`, `context_not_found`, `permission_denied`
 */
export async function removeContext(of: ContextsOf, name: string): Promise<readonly string[]> {
  checkName("context", name);
  const known = await contextNames(of);
  if (!known.includes(name)) {
    const suggestion = nearest(name, known);
    throw new GradError("context_not_found", `Cannot find the context "${name}"`, {
      hint: suggestion === undefined
        ? "`gractl context list` shows your contexts."
        : `Did you mean "${suggestion}"?`,
    });
  }
  const removed: string[] = [];
  // The token first: what is left after a failure is a context without credentials.
  for (const path of [tokenFile(of.env, name), authorityFile(of.env, name), contextFile(of.env, name)]) {
    try {
      await Deno.remove(path);
      removed.push(path);
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    }
  }
  return removed;
}
