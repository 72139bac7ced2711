import { dirname } from "node:path";
import { readGradRecord, stateFiles } from "../../shared/grad_record.ts";
import { type Env, runtimeFolder, stateFolder } from "../../shared/local_paths.ts";

/**
 * Folders in which runners' code can make sockets: a listener there may pose as grad, and is of the same user as grad. They are the
 * state and the runtime folder of this environment, of other environments of the user, and of the grad that last served the state folder.
 */
export async function runnerPlaces(env: Env, uid: number): Promise<readonly string[]> {
  const stateDir = stateFolder(env);
  const record = await readGradRecord(stateDir, uid).catch(() => undefined);
  const runtime = (each: Env) => runtimeFolder(each, { uid, ownsXdgRuntimeDir: true });
  const known = [
    stateDir,
    stateFolder({ ...env, GRAD_STATE_DIR: undefined }),
    runtime(env),
    runtime({ ...env, GRAD_RUNTIME_DIR: undefined }),
    runtime({}),
    runtime({ XDG_RUNTIME_DIR: `/run/user/${uid}` }),
    ...record === undefined ? [] : [record.runtimeDir],
  ];
  return [...new Set(known.flatMap((path) => [path, realPath(path)]))];
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path; // It does not exist yet.
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Why a grad's socket must not be in a folder.
 *
 * @param folder absolute, links resolved
 * @param ownGrad whether the path comes from the record in the state folder, which code cannot write: grad's own socket is in a runtime
 *   folder, but never in the folder of a runner below it
 */
export function placeFault(
  folder: string,
  { places, ownGrad }: { places: readonly string[]; ownGrad: boolean },
): string | undefined {
  const fault = "runners' code can make sockets there";
  if (places.includes(folder)) return ownGrad ? undefined : fault;
  if (places.some((place) => folder.startsWith(`${place}/`))) return fault;
  // The state folder of a grad that this environment does not know.
  for (let above = folder; above !== "/"; above = dirname(above)) {
    if (exists(stateFiles(above).lock) && !(ownGrad && above === folder)) return fault;
  }
  return undefined;
}

/** For `checkSocket()`. */
export function placeRule(env: Env, uid: number, { ownGrad }: { ownGrad: boolean }) {
  let places: Promise<readonly string[]> | undefined;
  return async (folder: string) => {
    places ??= runnerPlaces(env, uid);
    return placeFault(folder, { places: await places, ownGrad });
  };
}
