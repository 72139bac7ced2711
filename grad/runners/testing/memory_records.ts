import type { RunnerRecords } from "../backend.ts";
import type { RunnerRecord } from "../runner.ts";

export function memoryRecords(): RunnerRecords {
  const stored = new Map<string, RunnerRecord>();
  return {
    create(record) {
      if (stored.has(record.id)) return Promise.resolve(false);
      stored.set(record.id, structuredClone(record));
      return Promise.resolve(true);
    },
    read: (id) => Promise.resolve(structuredClone(stored.get(id))),
    list: () => Promise.resolve([...stored.values()].map((record) => structuredClone(record))),
    replace(record) {
      if (stored.get(record.id)?.revision !== record.revision - 1) return Promise.resolve(false);
      stored.set(record.id, structuredClone(record));
      return Promise.resolve(true);
    },
    remove: (id) => Promise.resolve(void stored.delete(id)),
  };
}
