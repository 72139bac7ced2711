import { dirname } from "node:path";
import { GradError } from "../../shared/errors.ts";
import { NO_WRITE, privateFolderFault } from "../../shared/private_folder.ts";

/**
 * A grad gets code and the datasets' keys, and a cloned workspace may name any socket: only one that this user made, in a folder
 * where nobody else can put another in its place, is dialled. A socket that is not there is left to the dialling to report.
 *
 * @param address "unix:/path"
 * @throws {GradError} `permission_denied`
 */
export async function checkSocket(address: string, uid: number): Promise<void> {
  const path = address.slice("unix:".length);
  const refuse = (reason: string) => {
    throw new GradError("permission_denied", `Cannot use the grad at ${JSON.stringify(address)}: ${reason}`, {
      hint:
        "A grad sees your code and your datasets' keys. Use one of your own: `gractl config set grad local`.",
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
