import { createHash } from "node:crypto";
import { join } from "node:path";
import { GradError } from "../../../shared/errors.ts";
import { withFileLock } from "./file_lock.ts";
import {
  delegatedIds,
  idAt,
  type IdRange,
  intersect,
  mappedIds,
  namedIds,
  sizeOf,
  subtract,
} from "./id_ranges.ts";
import { type LocalFolders, lockPath } from "./paths.ts";

/** Which user, without privileges, a runner runs as where root runs grad. Its group has the same number. */
export interface RunnerUsers {
  /**
   * The same number for the same runner at any time, and never that of another runner, also when that one is destroyed: its files
   * may be left in a folder that it wrote as a dataset.
   * @throws {GradError} `runner_failed` when there is none left
   */
  of(runner: string): Promise<number>;
}

/** What the machine says of its users, each the text of a file; see {@link readMachineUsers}. */
export type MachineUsers = Readonly<{
  uidMap: string;
  gidMap: string;
  passwd: string;
  group: string;
  subuid: string;
  subgid: string;
  /** User ids that processes run as. */
  running: ReadonlySet<number>;
}>;

/**
 * Taken in this order. The first is above what systemd-nspawn, shadow's subordinate ids and SSSD give away by default; the second is for
 * containers, in which only ids below 65536 exist, and avoids people and systemd's DynamicUser and homed.
 */
const RANGES: readonly IdRange[] = [
  { first: 2_013_265_920, last: 2_147_352_575 },
  { first: 20_000, last: 59_999 },
];

/** How many ids are tried that another runner or a running process has. */
const MAX_TRIES = 10_000;

/** The users are recorded below the state folder, one file for each runner, which is never deleted. */
export function runnerUsers(
  folders: LocalFolders,
  readUsers: () => Promise<MachineUsers> = readMachineUsers,
): RunnerUsers {
  const folder = join(folders.state, "uids");
  const recorded = async (runner: string) => Number(await textOf(join(folder, runner))) || undefined;

  async function choose(runner: string): Promise<number> {
    const known = await recorded(runner);
    const users = await readUsers();
    const exists = (uid: number) => sizeOf(intersect([{ first: uid, last: uid }], mapped(users))) === 1;
    if (known !== undefined && exists(known)) return known;
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    const taken = new Set(await Promise.all(names.map(recorded)));
    const free = freeIds(users);
    const size = sizeOf(free);
    // Two state folders of one machine know nothing of each other: so each runner begins to look at a place of its own.
    const start = hash(`${await Deno.realPath(folder)}\n${runner}`);
    for (let tried = 0; tried < Math.min(size, MAX_TRIES); tried++) {
      const uid = idAt(free, (start + tried) % size)!;
      if (taken.has(uid) || users.running.has(uid)) continue;
      const draft = join(folder, `.${runner}`);
      await Deno.writeTextFile(draft, String(uid), { mode: 0o600 });
      await Deno.rename(draft, join(folder, runner));
      return uid;
    }
    throw new GradError(
      "runner_failed",
      "Cannot find a user id for the runner: none is free on this machine",
      {
        hint: size === 0
          ? "Run grad as yourself, not as root, or give the container more ids: it needs some of 20000 to 59999."
          : "Run grad as yourself, not as root, or set GRAD_STATE_DIR to a new folder.",
      },
    );
  }

  return {
    async of(runner) {
      await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
      return await withFileLock(lockPath(folders, "uids"), () => choose(runner));
    },
  };
}

/** The ids that runners may have: both as user and as group, known to the kernel, and given to nobody. Pure. */
export function freeIds(users: MachineUsers): IdRange[] {
  const { passwd, group, subuid, subgid } = users;
  const reserved = [
    ...[...namedIds(passwd), ...namedIds(group)],
    ...[...delegatedIds(subuid), ...delegatedIds(subgid)],
  ];
  for (const range of RANGES) {
    const free = subtract(intersect([range], mapped(users)), reserved);
    if (free.length > 0) return free;
  }
  return [];
}

function mapped({ uidMap, gidMap }: MachineUsers): IdRange[] {
  return intersect(mappedIds(uidMap), mappedIds(gidMap));
}

export async function readMachineUsers(): Promise<MachineUsers> {
  const [uidMap, gidMap, passwd, group, subuid, subgid] = await Promise.all([
    ...["/proc/self/uid_map", "/proc/self/gid_map", "/etc/passwd", "/etc/group", "/etc/subuid", "/etc/subgid"]
      .map(textOf),
  ]) as [string, string, string, string, string, string];
  return { uidMap, gidMap, passwd, group, subuid, subgid, running: await runningUsers() };
}

async function runningUsers(): Promise<Set<number>> {
  const pids = (await Array.fromAsync(Deno.readDir("/proc"))).map(({ name }) => name).filter((name) =>
    /^\d+$/.test(name)
  );
  const statuses = await Promise.all(pids.map((pid) => textOf(`/proc/${pid}/status`).catch(() => "")));
  return new Set(
    statuses.flatMap((text) => (/^Uid:\s+(.*)$/m.exec(text)?.[1] ?? "").split(/\s+/).map(Number)),
  );
}

/** Empty where there is no such file. */
async function textOf(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return "";
    throw thrown;
  }
}

function hash(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE();
}
