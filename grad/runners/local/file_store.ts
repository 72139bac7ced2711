import { basename, dirname } from "node:path";
import type { Ids } from "../../../shared/ids.ts";
import { changed, type RunnerStore, type Versioned } from "../store.ts";
import type { RunnerRecord } from "../runner.ts";
import { withFileLock } from "./file_lock.ts";
import { type LocalFolders, lockPath, recordPath, recordsFolder } from "./paths.ts";

/** Version of the file format. */
const FORMAT = 2;

/** `version` is random: the version of a deleted record never matches that of a later record of the same id. */
type StoredFile = Readonly<{ format: typeof FORMAT; version: string; record: RunnerRecord }>;

const VERSION_LENGTH = 16;

/** Records as one JSON file each. Written whole or not at all, also when the machine loses power. */
export function fileStore(folders: LocalFolders, ids: Ids): RunnerStore {
  // Every call reads one. Half a kilobyte from the page cache takes a tenth of what going to another thread and back does.
  const read = (id: string): Versioned | undefined => {
    const path = recordPath(folders, id);
    try {
      return parse(path, Deno.readTextFileSync(path));
    } catch (thrown) {
      return absent(thrown);
    }
  };
  /** Runs `work` with the stored record while holding the lock for writers. */
  const locked = <T>(id: string, work: (stored: Versioned | undefined) => Promise<T>): Promise<T> =>
    withFileLock(lockPath(folders, `${id}.record`), () => work(read(id)));

  return {
    async create(record) {
      const path = recordPath(folders, record.id);
      await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const version = ids.random(VERSION_LENGTH);
      const draft = await writeDraft(path, { format: FORMAT, version, record });
      try {
        // A link, unlike a rename, fails where a record is.
        await Deno.link(draft, path);
        return { record, version };
      } catch (thrown) {
        if (thrown instanceof Deno.errors.AlreadyExists) return undefined;
        throw thrown;
      } finally {
        await Deno.remove(draft).catch(absent);
      }
    },
    get: (id) => Promise.try(read, id),
    async list() {
      const found: Versioned[] = [];
      for (const id of await idsIn(recordsFolder(folders))) {
        const stored = read(id);
        if (stored !== undefined) found.push(stored);
      }
      return found;
    },
    update: (id, read, change) =>
      locked(id, async (stored) => {
        if (stored?.version !== read) return undefined;
        const path = recordPath(folders, id);
        const version = ids.random(VERSION_LENGTH);
        const record = changed(stored.record, change);
        await Deno.rename(await writeDraft(path, { format: FORMAT, version, record }), path);
        return { record, version };
      }),
    delete: (id, version) =>
      locked(id, async (stored) => {
        if (stored?.version !== version) return false;
        await Deno.remove(recordPath(folders, id)).catch(absent);
        return true;
      }),
    async *watch(signal) {
      if (signal.aborted) return;
      await Deno.mkdir(recordsFolder(folders), { recursive: true, mode: 0o700 });
      if (signal.aborted) return; // meanwhile, and then its event does not come any more
      const watcher = Deno.watchFs(recordsFolder(folders), { recursive: false });
      const close = () => watcher.close();
      signal.addEventListener("abort", close, { once: true });
      try {
        for await (const { paths } of watcher) {
          for (const id of paths.map(idOf)) if (id !== undefined) yield id;
        }
      } finally {
        signal.removeEventListener("abort", close);
        if (!signal.aborted) close();
      }
    },
  };
}

async function writeDraft(path: string, stored: StoredFile): Promise<string> {
  const draft = await Deno.makeTempFile({ dir: dirname(path), prefix: ".draft-" });
  const file = await Deno.open(draft, { write: true });
  try {
    await file.write(new TextEncoder().encode(`${JSON.stringify(stored, null, 2)}\n`));
    await file.syncData();
  } finally {
    file.close();
  }
  return draft;
}

function parse(path: string, text: string): Versioned {
  const { format, version, record } = JSON.parse(text) as StoredFile;
  if (format !== FORMAT) {
    throw new Error(`Cannot read the record "${path}": its format is ${format}, this grad reads ${FORMAT}`);
  }
  return { record, version };
}

/** The runner whose record a path is; `undefined` for drafts. */
function idOf(path: string): string | undefined {
  return /^(r[a-z2-7]{12})\.json$/.exec(basename(path))?.[1];
}

async function idsIn(folder: string): Promise<string[]> {
  try {
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => idOf(name));
    return names.filter((id) => id !== undefined).sort();
  } catch (thrown) {
    return absent(thrown) ?? [];
  }
}

function absent(thrown: unknown): undefined {
  if (thrown instanceof Deno.errors.NotFound) return undefined;
  throw thrown;
}
