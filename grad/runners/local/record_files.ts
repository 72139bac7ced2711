import { dirname, join } from "node:path";
import type { RunnerRecords } from "../backend.ts";
import type { RunnerRecord } from "../runner.ts";
import { withFileLock } from "./file_lock.ts";
import { type LocalFolders, lockPath, runnerPaths } from "./paths.ts";

/** Records as one JSON file each. Written whole or not at all, also when the machine loses power. */
export function recordFiles(folders: LocalFolders): RunnerRecords {
  const pathOf = (id: string) => runnerPaths(folders, id).record;
  // Every call reads one. Half a kilobyte from the page cache takes a tenth of what going to another thread and back does.
  const read = (id: string) => {
    try {
      return Promise.resolve(parse(Deno.readTextFileSync(pathOf(id))));
    } catch (thrown) {
      return thrown instanceof Deno.errors.NotFound ? Promise.resolve(undefined) : Promise.reject(thrown);
    }
  };
  return {
    async create(record) {
      const path = pathOf(record.id);
      await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const draft = await writeDraft(path, record);
      try {
        // A link, unlike a rename, fails where a record is.
        await Deno.link(draft, path);
        return true;
      } catch (thrown) {
        if (thrown instanceof Deno.errors.AlreadyExists) return false;
        throw thrown;
      } finally {
        await Deno.remove(draft).catch(absent);
      }
    },
    read,
    async list() {
      const found: RunnerRecord[] = [];
      for (const id of await idsIn(join(folders.state, "runners"))) {
        const record = await read(id);
        if (record !== undefined) found.push(record);
      }
      return found;
    },
    replace: (record) =>
      withFileLock(lockPath(folders, `${record.id}.record`), async () => {
        if ((await read(record.id))?.revision !== record.revision - 1) return false;
        const path = pathOf(record.id);
        await Deno.rename(await writeDraft(path, record), path);
        return true;
      }),
    remove: (id) => Deno.remove(pathOf(id)).catch(absent),
  };
}

async function writeDraft(path: string, record: RunnerRecord): Promise<string> {
  const draft = await Deno.makeTempFile({ dir: dirname(path), prefix: ".record-" });
  const file = await Deno.open(draft, { write: true });
  try {
    await file.write(new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`));
    await file.syncData();
  } finally {
    file.close();
  }
  return draft;
}

function parse(text: string): RunnerRecord {
  const value = JSON.parse(text) as RunnerRecord;
  if (value.version !== 1) {
    throw new Error(`Cannot read the record of runner ${value.id}: version ${value.version}`);
  }
  return value;
}

async function idsIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).filter((entry) => entry.isDirectory).map((
      { name },
    ) => name);
  } catch (thrown) {
    return absent(thrown) ?? [];
  }
}

function absent(thrown: unknown): undefined {
  if (thrown instanceof Deno.errors.NotFound) return undefined;
  throw thrown;
}
