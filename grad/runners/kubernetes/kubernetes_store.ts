import {
  CustomObjectsApi,
  type KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1ListMeta,
} from "@kubernetes/client-node";
import type { RunnerStore, Versioned } from "../store.ts";
import { CONFLICT, NOT_FOUND, unless } from "./errors.ts";
import { RESOURCE } from "./manifests/metadata.ts";
import {
  FINALIZER,
  type RunnerObject,
  toObject,
  toObjectSpec,
  toRecord,
  toStatusPatch,
} from "./runner_object.ts";
import { changes } from "./watch.ts";

export type KubernetesStore =
  & RunnerStore
  & Readonly<{
    /** Succeeds where records can be read; cheap, however many there are. @throws {GradError} `grad_unavailable`, `internal` */
    probe(): Promise<void>;
  }>;

/** Records as custom resources in `namespace`. Their `resourceVersion` is the version, and their name, which is the runner's id, the lock. */
export function kubernetesStore(config: KubeConfig, namespace: string): KubernetesStore {
  const api = config.makeApiClient(CustomObjectsApi);
  const collection = { ...RESOURCE, namespace };
  const named = (id: string) => ({ ...collection, name: id });
  const merge = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

  async function get(id: string): Promise<Versioned | undefined> {
    const found: RunnerObject | undefined = await unless(
      [NOT_FOUND],
      api.getNamespacedCustomObject(named(id)),
    );
    return found && toRecord(found);
  }

  async function list() {
    const { items, metadata } = await unless(
      [],
      api.listNamespacedCustomObject(collection) as Promise<{ items: RunnerObject[]; metadata: V1ListMeta }>,
    ) ?? { items: [], metadata: {} };
    return { items, resourceVersion: metadata.resourceVersion ?? "" };
  }

  const update: RunnerStore["update"] = async (id, version, change) => {
    const metadata = { resourceVersion: version };
    // Also where an instance ended in the middle of a deletion that a later request has taken back.
    const finalizers = [FINALIZER];
    const patched = "spec" in change
      ? api.patchNamespacedCustomObject(
        { ...named(id), body: { metadata: { ...metadata, finalizers }, spec: toObjectSpec(change.spec) } },
        merge,
      )
      : api.patchNamespacedCustomObjectStatus(
        { ...named(id), body: { metadata, status: toStatusPatch(change.status, change.claim) } },
        merge,
      );
    const written: RunnerObject | undefined = await unless([NOT_FOUND, CONFLICT], patched);
    return written && toRecord(written);
  };

  return {
    get,
    update,
    probe: async () => void await unless([], api.listNamespacedCustomObject({ ...collection, limit: 1 })),
    async create(record) {
      const body = toObject(record, namespace);
      const made: RunnerObject | undefined = await unless(
        [CONFLICT],
        api.createNamespacedCustomObject({ ...collection, body }),
      );
      if (made === undefined) return undefined;
      const stored = toRecord(made);
      const { status, claim } = record;
      // A new object has no status, which reads as that of a new record. Only another one has to be written.
      if (claim === undefined && sameStatus(stored, record)) return stored;
      const change = { status, ...(claim === undefined ? {} : { claim }) };
      return await update(record.id, stored.version, change) ?? await get(record.id);
    },
    list: async () => (await list()).items.map(toRecord),
    async delete(id, version) {
      const found: RunnerObject | undefined = await unless(
        [NOT_FOUND],
        api.getNamespacedCustomObject(named(id)),
      );
      if (found?.metadata.resourceVersion !== version) return false;
      const finalizers = found.metadata.finalizers?.filter((name) => name !== FINALIZER) ?? [];
      const patch = { metadata: { resourceVersion: version, finalizers } };
      const patched: RunnerObject | undefined = await unless(
        [NOT_FOUND, CONFLICT],
        api.patchNamespacedCustomObject({ ...named(id), body: patch }, merge),
      );
      if (patched === undefined) return false;
      if (found.metadata.deletionTimestamp !== undefined) return true;
      const body = { preconditions: { resourceVersion: patched.metadata.resourceVersion ?? "" } };
      const deleted = await unless(
        [NOT_FOUND, CONFLICT],
        api.deleteNamespacedCustomObject({ ...named(id), body }),
      );
      return deleted !== undefined;
    },
    async *watch(signal) {
      const { group, version, plural } = RESOURCE;
      const path = `/apis/${group}/${version}/namespaces/${namespace}/${plural}`;
      for await (const { metadata } of changes(config, { path, list }, signal)) {
        if (metadata?.name !== undefined) yield metadata.name;
      }
    },
  };
}

function sameStatus({ record }: Versioned, { status }: Versioned["record"]): boolean {
  return JSON.stringify(toStatusPatch(record.status, undefined)) ===
    JSON.stringify(toStatusPatch(status, undefined));
}
