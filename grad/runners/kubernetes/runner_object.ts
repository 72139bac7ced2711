import type { KubernetesObject, V1ObjectMeta } from "@kubernetes/client-node";
import type { Claim, RecordSpec, RunnerRecord, RunnerStatus } from "../runner.ts";
import { newRecord } from "../runner.ts";
import type { Versioned } from "../store.ts";
import { API_VERSION, KIND, runnerLabels } from "./manifests/metadata.ts";

/** Instants are RFC 3339 with milliseconds, in UTC. */
type Instant = string;

type ObjectSpec = Readonly<
  & Omit<RecordSpec, "requestedAtMs" | "createdAtMs">
  & { owner: string; workspaceId: string; name: string; requestedAt: Instant; createdAt: Instant }
>;

type ObjectStatus = Readonly<
  & Omit<RunnerStatus, "changedAtMs" | "lastActiveAtMs" | "pausedAtMs" | "tombstone">
  & {
    changedAt: Instant;
    lastActiveAt: Instant;
    pausedAt?: Instant;
    tombstone?: Readonly<{ endedAt: Instant; endedBy: string; reason: "destroyed"; message: string }>;
    claim?: Readonly<{ holder: string; attempt: string; until: Instant }>;
    conditions: readonly Condition[];
  }
>;

type Condition = Readonly<{
  type: "Ready";
  status: "True" | "False";
  reason: string;
  message: string;
  lastTransitionTime: Instant;
  observedGeneration: number;
}>;

export type RunnerObject =
  & KubernetesObject
  & Readonly<{ metadata: V1ObjectMeta; spec: ObjectSpec; status?: ObjectStatus }>;

/** Holds up the deletion of the object by kubectl until grad has ended the runner, components before volume. */
export const FINALIZER = "grad.dev/runner";

/** The object of a new record, without its status: the API server takes that only in a second request. */
export function toObject({ id, owner, ref, spec }: RunnerRecord, namespace: string): RunnerObject {
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: {
      name: id,
      namespace,
      labels: runnerLabels(id, ref),
      finalizers: [FINALIZER],
    },
    spec: { owner, workspaceId: ref.workspaceId, name: ref.name, ...toObjectSpec(spec) },
  };
}

export function toObjectSpec(spec: RecordSpec): Omit<ObjectSpec, "owner" | "workspaceId" | "name"> {
  const { requestedAtMs, createdAtMs, ...same } = spec;
  return { ...same, requestedAt: instant(requestedAtMs), createdAt: instant(createdAtMs) };
}

/** The status as a merge patch: a field that is `null` goes away, one that is absent stays. */
export function toStatusPatch(status: RunnerStatus, claim: Claim | null | undefined) {
  const { changedAtMs, lastActiveAtMs, pausedAtMs, lostSessions, recreations, tombstone, failure, ...same } =
    status;
  return {
    ...same,
    failure: failure ?? null,
    lostSessions: lostSessions ?? null,
    recreations: recreations ?? null,
    pausedAt: pausedAtMs === undefined ? null : instant(pausedAtMs),
    changedAt: instant(changedAtMs),
    lastActiveAt: instant(lastActiveAtMs),
    tombstone: tombstone === undefined ? null : toTombstone(tombstone),
    conditions: [ready(status)],
    ...(claim === undefined ? {} : { claim: claim && toClaim(claim) }),
  };
}

function toTombstone({ endedAtMs, ...same }: NonNullable<RunnerStatus["tombstone"]>) {
  return { ...same, endedAt: instant(endedAtMs) };
}

function toClaim({ untilMs, ...same }: Claim) {
  return { ...same, until: instant(untilMs) };
}

/** `kubectl wait --for=condition=Ready` works by it. */
function ready({ phase, reason, message, changedAtMs, observedGeneration }: RunnerStatus): Condition {
  return {
    type: "Ready",
    status: phase === "ready" ? "True" : "False",
    reason: pascalCase(reason === "none" ? phase : reason),
    message,
    lastTransitionTime: instant(changedAtMs),
    observedGeneration,
  };
}

/** The record that an object is. A runner that somebody deletes by kubectl is one that is to be destroyed. */
export function toRecord({ metadata, spec, status }: RunnerObject): Versioned {
  const { name: id = "", generation = 1, resourceVersion: version = "", deletionTimestamp } = metadata;
  const { owner, workspaceId, name, requestedAt, createdAt, ...same } = spec;
  const desired = deletionTimestamp === undefined ? spec.desired : "destroyed";
  const recordSpec = { ...same, desired, requestedAtMs: ms(requestedAt), createdAtMs: ms(createdAt) };
  const ref = { workspaceId, name };
  const made = newRecord({ id, owner, ref, spec: recordSpec, nowMs: recordSpec.createdAtMs });
  const deleted = deletionTimestamp === undefined ? {} : { deleted: true } as const;
  const record = { ...made, ...deleted, generation, spec: recordSpec };
  if (status === undefined) return { record, version };
  const { changedAt, lastActiveAt, pausedAt, tombstone, claim, conditions: _, ...sameStatus } = status;
  return {
    version,
    record: {
      ...record,
      status: {
        ...sameStatus,
        changedAtMs: ms(changedAt),
        lastActiveAtMs: ms(lastActiveAt),
        ...(pausedAt === undefined ? {} : { pausedAtMs: ms(pausedAt) }),
        ...(tombstone === undefined ? {} : { tombstone: fromTombstone(tombstone) }),
      },
      ...(claim === undefined ? {} : { claim: fromClaim(claim) }),
    },
  };
}

function fromTombstone({ endedAt, ...same }: NonNullable<ObjectStatus["tombstone"]>) {
  return { ...same, endedAtMs: ms(endedAt) };
}

function fromClaim({ until, ...same }: NonNullable<ObjectStatus["claim"]>) {
  return { ...same, untilMs: ms(until) };
}

function instant(epochMs: number): Instant {
  return new Date(epochMs).toISOString();
}

function ms(instant: Instant): number {
  return Date.parse(instant);
}

/** As Kubernetes writes reasons: `component_failing` is `ComponentFailing`. */
function pascalCase(snake: string): string {
  return snake.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
