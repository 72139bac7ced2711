import { join } from "node:path";
import { GradError } from "../../shared/errors.ts";
import { checkName } from "../../shared/names.ts";
import { NO_ACCESS } from "../../shared/private_folder.ts";
import { invalidFiles } from "../../shared/yaml/fault.ts";
import { nearest } from "../../shared/yaml/nearest.ts";
import { MAX_BYTES } from "../../shared/yaml/read_start.ts";
import type { Context } from "./context.ts";
import { contextNames, contextsFolder, type ContextsOf, statOf } from "./context_names.ts";
import { CONTEXT_FILES, parseContext, type ParsedContext } from "./context_schema.ts";

/**
 * All contexts of the user, ordered by name; none where the folder does not exist.
 *
 * @throws {GradError} `permission_denied` where others can read or change them, `invalid_file` with all faults of all files
 */
export async function readContexts(of: ContextsOf): Promise<readonly Context[]> {
  const parsed = await Promise.all((await contextNames(of)).map((name) => readOne(of, name)));
  const faults = parsed.flatMap((each) => each?.faults ?? []);
  if (faults.length > 0) throw invalidFiles(faults, CONTEXT_FILES);
  return parsed.flatMap((each) => each?.context ?? []);
}

/**
 * One context; faults of the others do not matter.
 *
 * @throws {GradError} `invalid_name`, `context_not_found`, `permission_denied`, `invalid_file`
 */
export async function readContext(of: ContextsOf, name: string): Promise<Context> {
  checkName("context", name);
  const known = await contextNames(of);
  const parsed = known.includes(name) ? await readOne(of, name) : undefined;
  if (parsed === undefined) throw notFound(of, name, known);
  if (parsed.context === undefined) throw invalidFiles(parsed.faults, CONTEXT_FILES);
  return parsed.context;
}

async function readOne({ env, uid }: ContextsOf, name: string): Promise<ParsedContext | undefined> {
  const file = join(contextsFolder(env), `${name}.yaml`);
  const info = await statOf(file);
  if (info === undefined) return undefined;
  const mode = (info.mode ?? 0o777) & NO_ACCESS;
  const fault = !info.isFile
    ? "it is not a regular file"
    : info.uid !== uid
    ? `it belongs to user ${info.uid}`
    : mode !== 0
    ? "other users can open it"
    : undefined;
  if (fault !== undefined) {
    throw new GradError("permission_denied", `Cannot use the context "${name}" in "${file}": ${fault}`, {
      hint: "Make it a file of yours that only you can open, with `chmod 600`.",
    });
  }
  // One byte over the limit makes the parser report the size.
  const bytes = info.size > MAX_BYTES ? new Uint8Array(MAX_BYTES + 1) : await Deno.readFile(file);
  return parseContext(bytes, { file, home: env["HOME"] });
}

function notFound({ env }: ContextsOf, name: string, known: readonly string[]): GradError {
  const suggestion = nearest(name, known);
  const hint = suggestion !== undefined
    ? `Did you mean "${suggestion}"?`
    : known.length > 0
    ? `Use one of ${known.slice(0, 20).join(", ")}, or local for the grad of this machine.`
    : "You have no contexts; use local for the grad of this machine, or see docs/configuration.md for their files.";
  const file = join(contextsFolder(env), `${name}.yaml`);
  return new GradError("context_not_found", `Cannot find the context "${name}": there is no "${file}"`, {
    hint,
  });
}
