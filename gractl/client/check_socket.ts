import { dirname } from "node:path";
import { GradError, messageOf } from "../../shared/errors.ts";
import { NO_WRITE, privateFolderFault } from "../../shared/private_folder.ts";

/**
 * Checks that only this user can be behind a socket: grad receives code and the keys of datasets, and a cloned workspace may name any
 * socket. Both the socket and its folder must belong to the user, and nobody else may write to the folder. A missing socket passes;
 * connecting to it reports the error.
 *
 * @param address "unix:/path"
 * @throws {GradError} `permission_denied`
 */
export async function checkSocket(address: string, uid: number): Promise<void> {
  const path = address.slice("unix:".length);
  const refuse = (reason: string) => {
    throw new GradError("permission_denied", `Cannot use the grad at ${JSON.stringify(address)}: ${reason}`, {
      hint: "Use a grad of your own, because it receives your code and keys: `gractl config set grad local`.",
    });
  };
  const found = await lookUp(path);
  if (found === undefined) return;
  const { socket, folder } = found;
  if (socket.uid !== uid) refuse(`the socket belongs to the user ${socket.uid}`);
  const fault = privateFolderFault(folder, uid, NO_WRITE);
  if (fault !== undefined) refuse(`its folder is not private: ${fault}`);
}

/** The socket and its folder; `undefined` when there is none, also when grad removes it in this moment. */
async function lookUp(path: string): Promise<{ socket: Deno.FileInfo; folder: Deno.FileInfo } | undefined> {
  try {
    const real = await Deno.realPath(path);
    const [socket, folder] = await Promise.all([Deno.stat(real), Deno.stat(dirname(real))]);
    return { socket, folder };
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw new GradError(
      "permission_denied",
      `Cannot use the grad at ${JSON.stringify(`unix:${path}`)}: its socket cannot be checked: ${
        messageOf(thrown)
      }`,
      { hint: "Use a grad of your own: `gractl config set grad local`.", cause: thrown },
    );
  }
}
