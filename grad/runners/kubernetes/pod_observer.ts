import type { CoreV1Api, V1Pod } from "@kubernetes/client-node";
import type { Clock } from "../../../shared/clock.ts";
import type { Observation } from "../backend.ts";
import { NOT_FOUND, unless } from "./errors.ts";
import { volumeName } from "./manifests/layout.ts";
import { observePod } from "./observe_pod.ts";
import { eventsOf, explainPending, type PendingEvents } from "./pending_events.ts";

/** How old the events of a pod that starts may be, in milliseconds: such a pod is looked at often. */
const EVENTS_MS = 2_000;

/** What a pod and, while it starts, the events about it and its volume say of a runner. */
export class PodObserver {
  readonly #options: Readonly<{ core: CoreV1Api; namespace: string; clock: Clock }>;
  /** By runner, of pods that start. Only saves requests. */
  readonly #known = new Map<string, Readonly<{ atMs: number; podUid: string; events: PendingEvents }>>();

  constructor(options: Readonly<{ core: CoreV1Api; namespace: string; clock: Clock }>) {
    this.#options = options;
  }

  async observe(id: string, pod: V1Pod | undefined): Promise<Observation> {
    const observed = observePod(pod);
    if (pod !== undefined && observed.state === "starting") {
      return explainPending(observed, await this.#eventsOf(id, pod));
    }
    this.#known.delete(id);
    return observed;
  }

  async #eventsOf(id: string, pod: V1Pod): Promise<PendingEvents> {
    const { clock } = this.#options;
    const known = this.#known.get(id);
    const podUid = pod.metadata?.uid ?? "";
    if (known?.podUid === podUid && clock.now() - known.atMs < EVENTS_MS) return known.events;
    const about = await Promise.all([
      this.#about("Pod", id),
      this.#about("PersistentVolumeClaim", volumeName(id)),
    ]);
    const events = eventsOf(pod, ...about);
    this.#known.set(id, { atMs: clock.now(), podUid, events });
    return events;
  }

  async #about(kind: string, name: string) {
    const { core, namespace } = this.#options;
    const fieldSelector = `involvedObject.kind=${kind},involvedObject.name=${name}`;
    const listed = await unless([NOT_FOUND], core.listNamespacedEvent({ namespace, fieldSelector }));
    return listed?.items ?? [];
  }
}
