import { join } from "node:path";
import { GradError } from "../../shared/errors.ts";
import { type Env, runtimeFolder, stateFolder } from "../../shared/local_paths.ts";
import { isOwnFolder } from "../../shared/private_folder.ts";

export type Folders = Readonly<{
  /** Which grad is meant: there is one for each state folder, and its record there says where it listens. */
  stateDir: string;
  /** Where a grad that is started now would listen if the state folder had no record: "unix:/path". */
  defaultAddress: string;
}>;

/** @throws {GradError} `invalid_argument` when GRAD_STATE_DIR or GRAD_RUNTIME_DIR is relative */
export function foldersOf(env: Env, uid: number): Folders {
  const stateDir = stateFolder(env);
  const runtimeDir = runtimeFolder(env, { uid, ownsXdgRuntimeDir: isOwnFolder(env["XDG_RUNTIME_DIR"], uid) });
  for (const [name, dir] of [["GRAD_STATE_DIR", stateDir], ["GRAD_RUNTIME_DIR", runtimeDir]] as const) {
    if (dir.startsWith("/")) continue;
    throw new GradError(
      "invalid_argument",
      `Cannot use the folder "${dir}" for grad: the path is not absolute`,
      {
        hint: `Set ${name} to an absolute path.`,
      },
    );
  }
  return { stateDir, defaultAddress: `unix:${join(runtimeDir, "grad.sock")}` };
}
