import { join } from "node:path";
import { GradError } from "../../shared/errors.ts";
import type { Ids } from "../../shared/ids.ts";
import { writeAtomically } from "./atomic_write.ts";
import { invalidFiles } from "./fault.ts";
import { CONFIG_FILE } from "./find_workspace.ts";
import { nearest } from "./nearest.ts";
import { parseConfig } from "./parse_config.ts";
import { readWorkspaceFile } from "./read_file.ts";
import { setKey } from "./set_key.ts";

/** Keys that `config set` changes, with what they mean. */
export const SETTABLE = {
  grad: "where grad is: local, or unix:/path of its socket",
  runner: "the runner that commands use",
  session: "the session that commands use",
} as const;

/** Keys that `config get` shows. */
export const SHOWN = ["workspaceId", ...Object.keys(SETTABLE)] as const;

/** @throws {GradError} `invalid_argument` with the key that was probably meant */
export function checkKey(key: string, known: readonly string[]): string {
  if (known.includes(key)) return key;
  const meant = nearest(key, known);
  throw new GradError(
    "invalid_argument",
    `Cannot find a setting of that name: settings are ${known.join(", ")}`,
    {
      hint: meant === undefined ? "Use one of them." : `Did you mean "${meant}"?`,
    },
  );
}

/**
 * Changes one value of `config.yaml`; everything else in it stays byte for byte. Also mends a value that was invalid.
 *
 * @throws {GradError} `invalid_argument` for a value that is not allowed, `invalid_file` where the file has other faults
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
  await writeAtomically(file, changed, { ids, exclusive: false });
}
