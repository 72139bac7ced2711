import { GradError, messageOf } from "../../shared/errors.ts";
import { ERROR_CODES } from "../../shared/error_codes.ts";

/** What one look has found. */
export type Finding = Readonly<{ name: string; ok: boolean; message: string; hint: string }>;

/** Something that is to be in order: answers with what it has found, throws what is wrong. */
export type Check = Readonly<{ name: string; look(): Promise<string> }>;

/** Runs one check. Nothing that it throws gets past here: the next ones are to be told, too. */
export async function perform({ name, look }: Check): Promise<Finding> {
  try {
    return { name, ok: true, message: await look(), hint: "" };
  } catch (thrown) {
    const known = thrown instanceof GradError;
    const hint = known ? thrown.hint ?? ERROR_CODES[thrown.code].remedy : "";
    return { name, ok: false, message: messageOf(thrown), hint };
  }
}
