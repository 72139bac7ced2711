import { GradError } from "../../shared/errors.ts";
import { readClaims } from "./jwt.ts";
import { NO_ACCESS } from "../../shared/private_folder.ts";

/** Above this a file is no token. */
const MAX_BYTES = 16 * 1024;
const TOKEN = /^[A-Za-z0-9._~+/=-]+$/;

/** The token in a text, without white space around it. `where` names the text. @throws {GradError} `login_failed` */
export function tokenIn(text: string, where: string): string {
  const token = text.trim();
  if (token.length <= MAX_BYTES && TOKEN.test(token)) return token;
  const why = token === ""
    ? "it is empty"
    : token.length > MAX_BYTES
    ? "it is too long"
    : "it has characters that no token has";
  throw new GradError("login_failed", `Cannot use the token in ${where}: ${why}`, {
    hint: "Write the token alone, on one line.",
  });
}

/**
 * Reads a token from a file that only the user can open. Links are followed, since the kubelet updates a projected token by a link.
 *
 * @throws {GradError} `permission_denied` where others can open it or it belongs to another user than root or this one,
 *   `unauthenticated` where it does not exist, `login_failed` where it has no token
 */
export async function readTokenFile(
  path: string,
  { uid, remedy }: { uid: number; remedy: string },
): Promise<string> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new GradError("unauthenticated", `Cannot read your token: there is no "${path}"`, {
      hint: remedy,
      cause,
    });
  }
  using open = file;
  // Of what was opened, whatever has its name by now.
  const info = await open.stat();
  const fault = !info.isFile
    ? "it is not a regular file"
    : info.uid !== uid && info.uid !== 0
    ? `it belongs to user ${info.uid}`
    : ((info.mode ?? 0o777) & NO_ACCESS) !== 0
    ? "other users can open it"
    : undefined;
  if (fault !== undefined) {
    throw new GradError("permission_denied", `Cannot use the token in "${path}": ${fault}`, {
      hint: "Make it a file of yours that only you can open, with `chmod 600`.",
    });
  }
  const bytes = new Uint8Array(MAX_BYTES + 2);
  let length = 0;
  while (length < bytes.length) {
    const read = await open.read(bytes.subarray(length));
    if (read === null) break;
    length += read;
  }
  return tokenIn(new TextDecoder().decode(bytes.subarray(0, length)), `"${path}"`);
}

/** When the token in a file expires, in milliseconds since the epoch; `undefined` where there is none that can be used and says so. */
export async function tokenExpiry(path: string, uid: number): Promise<number | undefined> {
  const token = path === ""
    ? undefined
    : await readTokenFile(path, { uid, remedy: "" }).catch(() => undefined);
  return token === undefined ? undefined : readClaims(token)?.expiresAtMs;
}
