import assert from "node:assert/strict";
import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { assertGolden } from "../../../../shared/testing/golden.ts";
import type { PodEnvironment } from "../manifests/pod.ts";
import { isDecided, judgeImages, judgePolicies, judgeS3, probed } from "./probe_outcome.ts";
import { probePod, type ProbeResult } from "./probe_pod.ts";

const ENVIRONMENT: PodEnvironment = {
  image: "registry.example/grad-runner@sha256:0123",
  requests: { cpuMillis: 50, memoryMib: 128 },
  sessionIdleSeconds: 0,
};
const ENVIRONMENTS = new Map([
  ["default", { ...ENVIRONMENT, nodeSelector: { pool: "runners" } }],
  ["same", ENVIRONMENT],
  ["gpu", { ...ENVIRONMENT, image: "registry.example/gpu@sha256:4567" }],
]);
const POD = probePod({ name: "grad-diagnosis-a", namespace: "grad-runners" }, ENVIRONMENTS, {
  s3: ["s3.example:443"],
});

Deno.test("probePod() makes probe_pod.json: without rights, under the runners' network policies", async () => {
  await assertGolden(
    `${JSON.stringify(POD, null, 2)}\n`,
    new URL("testdata/probe_pod.json", import.meta.url),
  );
});

const RESULT: ProbeResult = {
  api: "10.96.0.1:443",
  forbidden: { "10.96.0.1:443": "no answer", "169.254.169.254:80": "Connection refused" },
  dns: "reached",
  s3: { "s3.example:443": "reached" },
};

const scheduled = [{ type: "PodScheduled", status: "True" }];
const status = (name: string, state: V1ContainerStatus["state"]): V1ContainerStatus => ({
  name,
  image: `image of ${name}`,
  imageID: "",
  ready: false,
  restartCount: 0,
  state: state!,
});
const ended = (exitCode: number, message = "") => ({ terminated: { exitCode, message } });

function pod(network: V1ContainerStatus["state"], changes: Partial<V1Pod["status"]> = {}): V1Pod {
  const containerStatuses = [status("network", network), status("image-1", ended(0))];
  return { ...POD, status: { phase: "Running", conditions: scheduled, containerStatuses, ...changes } };
}
const answered = (changes: Partial<ProbeResult> = {}) =>
  probed(pod(ended(0, JSON.stringify({ ...RESULT, ...changes }))));

Deno.test("a probe that found all in order", async () => {
  const found = answered();
  assert.equal(
    judgeImages(found).message,
    "registry.example/grad-runner@sha256:0123, registry.example/gpu@sha256:4567 start",
  );
  assert.match(judgePolicies(found).message, /^enforced: .* not 10\.96\.0\.1:443 and 169\.254\.169\.254:80$/);
  const endpoints = ["*.amazonaws.com:443", "s3.example:443"];
  assert.equal(
    (await judgeS3(() => Promise.resolve(found), endpoints)).message,
    "a runner reaches s3.example:443",
  );
  const none = () => Promise.reject(new Error("started a pod for nothing"));
  assert.match((await judgeS3(none, ["*.amazonaws.com:443"])).message, /^not tried/);
});

Deno.test("a probe that reached what it must not, or not what it must", async () => {
  const open = { ...RESULT.forbidden, "169.254.169.254:80": "reached" };
  assert.throws(() => judgePolicies(answered({ forbidden: open })), {
    message: /from 169\.254\.169\.254:80: no NetworkPolicy/,
  });
  const deaf = judgePolicies(answered({ dns: "no answer" }));
  assert.deepEqual([deaf.state, /runners-reach-dns/.test(deaf.hint ?? "")], ["warning", true]);
  const lost = () => Promise.resolve(answered({ s3: { "s3.example:443": "no answer" } }));
  await assert.rejects(judgeS3(lost, ["s3.example:443"]), {
    message: "A runner does not reach s3.example:443 (no answer)",
  });
});

const stuck: readonly (readonly [what: string, pod: V1Pod, message: RegExp, hint: RegExp])[] = [
  [
    "an image that cannot be pulled",
    pod({ waiting: { reason: "ErrImagePull", message: "404 of the registry" } }),
    /404 of the registry/,
    /registry/,
  ],
  [
    "no node for it",
    pod(undefined, {
      conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes" }],
    }),
    /0\/3 nodes/,
    /nodeSelector/,
  ],
  [
    "an image without the runners' Python",
    pod(ended(127, "no such file")),
    /exit code 127, no such file/,
    /Dockerfile\.runner/,
  ],
];
for (const [what, at, message, hint] of stuck) {
  Deno.test(`a probe with ${what} is decided, and says so`, () => {
    assert.ok(isDecided(at));
    assert.throws(() => judgeImages(probed(at)), (thrown: Error & { hint?: string }) => {
      assert.match(thrown.message, message);
      assert.match(thrown.hint ?? "", hint);
      return true;
    });
    assert.throws(() => judgePolicies(probed(at)), { message: /Cannot try the network/ });
  });
}

Deno.test("a probe whose image is still being pulled, or that is slow, is a warning and no fault", async () => {
  const pulling = pod({ waiting: { reason: "ContainerCreating" } });
  const slow = pod({ running: {} });
  for (
    const [at, image, message] of [[pulling, "warning", /has not started/], [
      slow,
      "ok",
      /has not ended/,
    ]] as const
  ) {
    assert.equal(isDecided(at), false);
    assert.equal(judgeImages(probed(at)).state, image);
    const policies = judgePolicies(probed(at));
    const s3 = await judgeS3(() => Promise.resolve(probed(at)), ["s3.example:443"]);
    for (const outcome of [policies, s3]) {
      assert.equal(outcome.state, "warning");
      assert.match(outcome.message, message);
    }
  }
});
