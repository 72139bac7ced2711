import assert from "node:assert/strict";
import type { CoreV1Event } from "@kubernetes/client-node";
import { ABSENT, type Observation } from "../backend.ts";
import { eventsOf, explainPending } from "./pending_events.ts";

const STARTING: Observation = { ...ABSENT, state: "starting", stage: "preparing_node", progress: "Pending" };
const SCHEDULING: Observation = { ...STARTING, stage: "scheduling" };

let second = 0;
function event(reason: string, message = "", count = 1): CoreV1Event {
  const lastTimestamp = new Date(second++ * 1_000);
  return { reason, message, count, lastTimestamp, metadata: {}, involvedObject: {} };
}

/** As a real provisioner and a real kubelet said while their API server was restarted. */
const NO_API_SERVER =
  'failed to get target node: Get "https://10.96.0.1:443/api/v1/nodes/n": dial tcp 10.96.0.1:443: connect: connection refused';
const NO_CACHE =
  'MountVolume.SetUp failed for volume "tls" : failed to sync secret cache: timed out waiting for the condition';

const cases: {
  name: string;
  observed: Observation;
  pod?: CoreV1Event[];
  volume?: CoreV1Event[];
  want: [state: string, stage: string, reason: string, message: string];
}[] = [
  { name: "no events", observed: STARTING, want: ["starting", "preparing_node", "none", ""] },
  {
    name: "an image that is being pulled",
    observed: STARTING,
    pod: [event("Scheduled"), event("Pulling")],
    want: ["starting", "pulling_image", "none", ""],
  },
  {
    name: "an image that has been pulled",
    observed: STARTING,
    pod: [event("Pulling"), event("Pulled")],
    want: ["starting", "preparing_node", "none", ""],
  },
  {
    name: "a volume without a storage class",
    observed: SCHEDULING,
    volume: [event("ProvisioningFailed", 'storageclass "fast" not found')],
    want: ["failing", "scheduling", "volume_unavailable", 'storageclass "fast" not found'],
  },
  {
    name: "a volume that was made after failures",
    observed: SCHEDULING,
    volume: [event("ProvisioningFailed", "no"), event("ProvisioningSucceeded")],
    want: ["starting", "scheduling", "none", ""],
  },
  {
    name: "a volume whose provisioner did not reach the API server",
    observed: SCHEDULING,
    volume: [event("ProvisioningFailed", NO_API_SERVER)],
    want: ["starting", "scheduling", "volume_unavailable", NO_API_SERVER],
  },
  {
    name: "a Secret that the kubelet could not read while the API server was away",
    observed: STARTING,
    pod: [event("FailedMount", NO_CACHE, 7)],
    want: ["starting", "preparing_node", "volume_unavailable", NO_CACHE],
  },
  {
    name: "a volume that waits for its pod",
    observed: SCHEDULING,
    volume: [event("WaitForFirstConsumer")],
    want: ["starting", "scheduling", "none", ""],
  },
  {
    name: "a mount that failed once",
    observed: STARTING,
    pod: [event("FailedMount", "not yet")],
    want: ["starting", "preparing_node", "volume_unavailable", "not yet"],
  },
  {
    name: "a mount that fails again and again",
    observed: STARTING,
    pod: [event("FailedMount", "no such disk", 6)],
    want: ["failing", "preparing_node", "volume_unavailable", "no such disk"],
  },
  {
    name: "a pod that runs, whatever its events say",
    observed: { ...STARTING, state: "running" },
    pod: [event("FailedMount", "old", 9)],
    want: ["running", "preparing_node", "none", ""],
  },
];
for (const { name, observed, pod = [], volume = [], want } of cases) {
  Deno.test(`explainPending() of ${name}`, () => {
    const { state, stage, reason, message } = explainPending(observed, { pod, volume });
    assert.deepEqual([state, stage, reason, message], want);
  });
}

Deno.test("eventsOf() leaves out those of earlier pods and volumes of the same name", () => {
  const creationTimestamp = new Date(1_000_000);
  const at = (ms: number, uid: string) => ({
    ...event("x"),
    lastTimestamp: new Date(ms),
    involvedObject: { uid },
  });
  const pod = [at(2_000_000, "old"), at(2_000_000, "new")];
  const volume = [at(900_000, "v"), at(999_000, "v")];
  const found = eventsOf({ metadata: { uid: "new", creationTimestamp } }, pod, volume);
  assert.deepEqual(found, { pod: [pod[1]], volume: [volume[1]] });
});
