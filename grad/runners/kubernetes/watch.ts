import { type KubeConfig, type KubernetesObject, Watch } from "@kubernetes/client-node";
import { toError } from "./errors.ts";

/** A collection of objects that can be listed and watched. */
export type Collection = Readonly<{
  /** Of the API, such as /api/v1/namespaces/runners/pods. */
  path: string;
  labelSelector?: string;
  list(): Promise<Readonly<{ items: readonly KubernetesObject[]; resourceVersion: string }>>;
  /** Called with each change as soon as it is reported, however slowly the changes are read. */
  reported?(object: KubernetesObject, isDeleted: boolean): void;
  /** Called as soon as a connection has ended: from then on until the next list, changes are not reported. */
  ended?(): void;
}>;

/** The API server ends a watch after so long, in seconds; then everything is listed again. */
const WATCH_SECONDS = 240;

/**
 * Every object of the collection, and then each one that changes, until `signal` aborts. When the connection ends, everything is
 * listed again, because changes in between were not seen: objects may be reported twice. An object that is reported may be gone: ask
 * the API.
 * @throws {GradError} `grad_unavailable` where the API server does not answer
 */
export async function* changes(
  config: KubeConfig,
  collection: Collection,
  signal: AbortSignal,
): AsyncGenerator<KubernetesObject> {
  while (!signal.aborted) {
    const listed = await collection.list();
    yield* following(config, collection, listed, signal);
  }
}

/**
 * The objects that were listed and the changes after that, until the connection ends. It connects first: whoever reads the objects may
 * take minutes for one, such as for a runner that is made ready, and `reported` has to hear of changes meanwhile.
 */
async function* following(
  config: KubeConfig,
  { path, labelSelector, ...hooks }: Collection,
  { items, resourceVersion }: Awaited<ReturnType<Collection["list"]>>,
  signal: AbortSignal,
): AsyncGenerator<KubernetesObject> {
  if (signal.aborted) return; // its event does not come any more
  const reported = [...items];
  let ended = false;
  let wake = () => {};
  const end = () => {
    ended = true;
    hooks.ended?.();
    wake();
  };
  const query = {
    resourceVersion,
    labelSelector,
    allowWatchBookmarks: true,
    timeoutSeconds: WATCH_SECONDS,
  };
  signal.addEventListener("abort", end, { once: true });
  const connection = await new Watch(config).watch(path, query, (kind, object: KubernetesObject) => {
    // ERROR is the end of the history that the server keeps: the next list begins a new one.
    if (kind === "ERROR") end();
    else if (kind !== "BOOKMARK") {
      reported.push(object);
      hooks.reported?.(object, kind === "DELETED");
    }
    wake();
  }, end).catch((thrown) => {
    signal.removeEventListener("abort", end);
    end();
    throw toError(thrown);
  });
  try {
    while (!ended || reported.length > 0) {
      const next = reported.shift();
      if (next !== undefined) yield next;
      else await new Promise<void>((resolve) => wake = resolve);
      if (signal.aborted) return;
    }
  } finally {
    signal.removeEventListener("abort", end);
    connection.abort();
  }
}
