import { dirname } from "node:path";
import { GradError } from "../../shared/errors.ts";
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
  let real: string;
  try {
    real = await Deno.realPath(path);
  } catch {
    return;
  }
  const [socket, folder] = await Promise.all([Deno.stat(real), Deno.stat(dirname(real))]);
  if (socket.uid !== uid) refuse(`the socket belongs to the user ${socket.uid}`);
  const fault = privateFolderFault(folder, uid, NO_WRITE);
  if (fault !== undefined) refuse(`its folder is not private: ${fault}`);
}
