import { join } from "node:path";
import { GradError } from "../../shared/errors.ts";
import type { Ids } from "../../shared/ids.ts";
import { writeDestination } from "../confined/destination.ts";
import { invalidFiles } from "../../shared/yaml/fault.ts";
import { CONFIG_FILE } from "./find_workspace.ts";
import { nearest } from "../../shared/yaml/nearest.ts";
import { parseConfig } from "./parse_config.ts";
import { readWorkspaceFile } from "./read_file.ts";
import { setKey } from "./set_key.ts";

/** Settings that `config set` can change, with descriptions. */
export const SETTABLE = {
  grad: "the grad that runs code: local, or the name of a context of yours",
  runner: "the name of the default runner",
  session: "the name of the default session",
} as const;

/** Settings that `config get` shows. */
export const SHOWN = ["workspaceId", ...Object.keys(SETTABLE) as (keyof typeof SETTABLE)[]] as const;

/** Returns a known key unchanged. @throws {GradError} `invalid_argument` that suggests the nearest key */
export function checkKey<Key extends string>(key: string, known: readonly Key[]): Key {
  const found = known.find((each) => each === key);
  if (found !== undefined) return found;
  const suggestion = nearest(key, known);
  throw new GradError(
    "invalid_argument",
    `Cannot find a setting of this name: the settings are ${known.join(", ")}`,
    {
      hint: suggestion === undefined ? "Use one of them." : `Did you mean "${suggestion}"?`,
    },
  );
}

/**
 * Changes one value of `config.yaml`; the rest of the file keeps every byte. The old value may be invalid.
 *
 * @throws {GradError} `invalid_argument` for an invalid value, `invalid_file` where the file has other faults
 */
export async function setConfig(
  dir: string,
  { key, value }: { key: string; value: string },
  ids: Ids,
): Promise<void> {
  checkKey(key, Object.keys(SETTABLE));
  const file = join(dir, CONFIG_FILE);
  const read = await readWorkspaceFile(file, dir);
  if ("fault" in read) throw invalidFiles([read.fault]);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(read.bytes);
  const changed = setKey(text, key, value);
  const { faults } = parseConfig(new TextEncoder().encode(changed ?? text), file);
  const ofValue = faults.filter((fault) => fault.key === key);
  if (changed !== undefined && ofValue.length > 0 && ofValue.length === faults.length) {
    throw new GradError("invalid_argument", `Cannot set ${key}: the value ${ofValue[0]!.message}`, {
      hint: `${key} is ${SETTABLE[key as keyof typeof SETTABLE]}; nothing was changed.`,
    });
  }
  if (changed === undefined || faults.length > 0) throw invalidFiles(faults);
  if ((await Deno.lstat(file)).isSymlink) {
    throw new GradError("path_not_allowed", `Cannot change "${file}": it is a link`, {
      hint: "Edit the file that it leads to, or replace the link with that file.",
    });
  }
  writeDestination({ root: dir, path: [CONFIG_FILE] }, changed, { ids, exclusive: false });
}
