import { basename, join } from "node:path";
import { GradError } from "../../../shared/errors.ts";
import type { Ids } from "../../../shared/ids.ts";
import { makePrivateFolder } from "../../../shared/make_private_folder.ts";
import { NO_WRITE, privateFolderFault } from "../../../shared/private_folder.ts";
import { writeDestination } from "../../confined/destination.ts";
import { type Decision, formatDecision, parseDecision } from "./decision_file.ts";

/** Where decisions about workspaces are kept: never in a workspace, one for each real path. */
export interface TrustStore {
  /** @throws {GradError} `trust_file_invalid` where it is damaged, `permission_denied` where others could have written it */
  read(path: string): Promise<Decision | undefined>;
  /**
   * Replaces the decision about `path` by what `change` returns; `undefined` removes it. Calls wait for each other, those of other
   * processes as well, so that none is lost.
   * @throws {GradError} as `read`
   */
  update(path: string, change: (old: Decision | undefined) => Decision | undefined): Promise<void>;
  /** All decisions that can be read. */
  all(): Promise<readonly Decision[]>;
}

/** Far above what a decision takes. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Decisions as files in a folder that only the user can open. */
export function fileTrustStore({ folder, uid, ids }: { folder: string; uid: number; ids: Ids }): TrustStore {
  const fileOf = async (path: string) => join(folder, `${await digest(path)}.json`);

  async function read(path: string): Promise<Decision | undefined> {
    const file = await fileOf(path);
    const text = await readOwn(file, { folder, uid });
    if (text === undefined) return undefined;
    const decision = parseDecision(text);
    if (decision?.path === path) return decision;
    throw new GradError(
      "trust_file_invalid",
      `Cannot read what you have decided about "${path}": "${file}" is damaged`,
      {
        hint: "Remove that file, and run `gractl workspace trust`.",
      },
    );
  }
  return {
    read,
    async update(path, change) {
      makePrivateFolder({
        path: folder,
        uid,
        what: "folder for trust",
        variable: "XDG_STATE_HOME",
        followLink: true,
      });
      using lock = await Deno.open(join(folder, "lock"), { create: true, write: true, mode: 0o600 });
      await lock.lock(true);
      const changed = change(await read(path));
      const file = await fileOf(path);
      if (changed !== undefined) {
        const to = { root: folder, path: [basename(file)] } as const;
        writeDestination(to, formatDecision(changed), { ids, exclusive: false, mode: 0o600 });
      } else await Deno.remove(file).catch(ignoreMissing);
    },
    async all() {
      const decisions: Decision[] = [];
      try {
        for await (const { name } of Deno.readDir(folder)) {
          if (!name.endsWith(".json")) continue;
          const text = await readOwn(join(folder, name), { folder, uid }).catch(() => undefined);
          const decision = text === undefined ? undefined : parseDecision(text);
          if (decision !== undefined) decisions.push(decision);
        }
      } catch (thrown) {
        ignoreMissing(thrown);
      }
      return decisions;
    },
  };
}

function ignoreMissing(thrown: unknown): void {
  if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
}

async function digest(path: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(path));
  return new Uint8Array(bytes).toHex().slice(0, 32);
}

/** A file that only the user can have written; `undefined` where it does not exist. */
async function readOwn(
  file: string,
  { folder, uid }: { folder: string; uid: number },
): Promise<string | undefined> {
  let around: Deno.FileInfo;
  let info: Deno.FileInfo;
  try {
    [around, info] = await Promise.all([Deno.stat(folder), Deno.lstat(file)]);
  } catch (thrown) {
    ignoreMissing(thrown);
    return undefined;
  }
  const open = ((info.mode ?? 0o777) & NO_WRITE) !== 0;
  const fault = privateFolderFault(around, uid, NO_WRITE) ??
    (info.isFile && info.uid === uid && !open && info.size <= MAX_BYTES
      ? undefined
      : "others could have written it");
  if (fault === undefined) return await Deno.readTextFile(file);
  throw new GradError("permission_denied", `Cannot use "${file}", which says what you trust: ${fault}`, {
    hint: "Make it and its folder yours, closed to others, or remove it and run `gractl workspace trust`.",
  });
}
