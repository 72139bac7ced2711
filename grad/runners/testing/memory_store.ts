import { changed, type RunnerStore, type Versioned } from "../store.ts";
import { reports } from "./reports.ts";

/** A store that several instances of grad in one process may share. */
export function memoryStore(): RunnerStore {
  const stored = new Map<string, Versioned>();
  const watchers = new Set<(id: string) => void>();
  let revision = 0;
  const put = (record: Versioned["record"]) => {
    const written = { record: structuredClone(record), version: `v${++revision}` };
    stored.set(record.id, written);
    notify(record.id);
    return structuredClone(written);
  };
  const notify = (id: string) => watchers.forEach((report) => report(id));
  return {
    create: (record) => Promise.resolve(stored.has(record.id) ? undefined : put(record)),
    get: (id) => Promise.resolve(structuredClone(stored.get(id))),
    list: () => Promise.resolve([...stored.values()].map((each) => structuredClone(each))),
    update(id, version, change) {
      const found = stored.get(id);
      if (found?.version !== version) return Promise.resolve(undefined);
      return Promise.resolve(put(changed(found.record, change)));
    },
    delete(id, version) {
      if (stored.get(id)?.version !== version) return Promise.resolve(false);
      stored.delete(id);
      notify(id);
      return Promise.resolve(true);
    },
    watch: (signal) => reports(watchers, signal),
  };
}
