import assert from "node:assert/strict";
import { CoreV1Api, CustomObjectsApi, type V1Pod } from "@kubernetes/client-node";
import type { Dataset } from "../../../gractl/client/datasets.ts";
import type { Event, EventBatch, Execution } from "../../../gractl/client/executions.ts";
import type { GradClient } from "../../../gractl/client/grad_client.ts";
import type { RunnerRef, RunnerSpec } from "../../../gractl/client/runners.ts";
import type { RunnerObject } from "../../../grad/runners/kubernetes/runner_object.ts";
import { RESOURCE } from "../../../grad/runners/kubernetes/manifests/metadata.ts";
import { clusterConfig } from "./cluster.ts";

/** A caller that never leaves. */
export const signal = new AbortController().signal;

export const SPEC: RunnerSpec = {
  environment: "",
  resources: { cpuMillis: 1000, memoryMib: 1024, storageMib: 256 },
  network: "none",
};

export function refOf(name: string): RunnerRef {
  return { workspaceId: "ws-0123456789abcdef", name };
}

/** An execution with all its events, read to the end. */
export type Finished = Readonly<{ execution: Execution; events: readonly Event[]; stdout: string }>;

export type RunOptions = Readonly<{
  session?: string;
  /** By default a new one. */
  key?: string;
  spec?: RunnerSpec;
  /** All datasets that the runner is to have. */
  datasets?: readonly Dataset[];
  /** Called with all that was printed so far. */
  onOutput?: (stdout: string) => void;
}>;

/** As {@link outputOf}, and the execution as grad shows it then. */
export async function run(
  client: GradClient,
  name: string,
  code: string,
  options: RunOptions = {},
): Promise<Finished> {
  const { executionId, ...output } = await outputOf(client, name, code, options);
  return { execution: await client.executions.get(executionId, signal), ...output };
}

/** Runs code and reads it to its end, as gractl does. Fails when an event is missing, comes twice, or in another order. */
export async function outputOf(
  client: GradClient,
  name: string,
  code: string,
  { session = "default", key = crypto.randomUUID(), spec = SPEC, datasets = [], onOutput }: RunOptions = {},
): Promise<Omit<Finished, "execution"> & Readonly<{ executionId: string }>> {
  const request = {
    runner: refOf(name),
    spec,
    session,
    kernel: "",
    idempotencyKey: key,
    code,
    paramsJson: "",
    codeName: "",
    columns: 0,
    deadlineMs: 0,
    datasets,
    requiredDatasets: [],
    keepOtherDatasets: false,
    waitMs: 10_000,
  };
  const { execution: { id: executionId }, ...first } = await client.executions.execute(request, signal);
  const events: Event[] = [];
  for (let batch: EventBatch = first;;) {
    events.push(...batch.events);
    onOutput?.(stdoutOf(events));
    if (batch.done) break;
    batch = await client.executions.readEvents(
      { executionId, fromSeq: batch.nextSeq, waitMs: 10_000 },
      signal,
    );
  }
  assert.deepEqual(events.map(({ seq }) => seq), events.map((_, index) => index + 1), "events");
  return { executionId, events, stdout: stdoutOf(events) };
}

function stdoutOf(events: readonly Event[]): string {
  const decoder = new TextDecoder();
  return events.map((event) => event.type === "stdout" ? decoder.decode(event.data, { stream: true }) : "")
    .join("");
}

/** What there is in a namespace, as the API says. */
export function inNamespace(namespace: string) {
  const config = clusterConfig();
  const core = config.makeApiClient(CoreV1Api);
  const custom = config.makeApiClient(CustomObjectsApi);
  return {
    pods: async (): Promise<readonly V1Pod[]> => (await core.listNamespacedPod({ namespace })).items,
    volumes: async () => (await core.listNamespacedPersistentVolumeClaim({ namespace })).items,
    secrets: async () => (await core.listNamespacedSecret({ namespace })).items,
    runners: async (): Promise<readonly RunnerObject[]> =>
      (await custom.listNamespacedCustomObject({ ...RESOURCE, namespace }) as { items: RunnerObject[] })
        .items,
  };
}
