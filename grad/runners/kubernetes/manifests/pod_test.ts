import assert from "node:assert/strict";
import type { V1Container } from "@kubernetes/client-node";
import { assertGolden } from "../../../../shared/testing/golden.ts";
import { aRecord } from "../../testing/records.ts";
import { type PodEnvironment, podManifest } from "./pod.ts";
import { volumeManifest } from "./volume.ts";

const OWNER = { namespace: "grad-runners", uid: "2f1b6a4e-0000-4000-8000-000000000001" };
const ENVIRONMENT: PodEnvironment = {
  image: "registry.example/grad-runner@sha256:0123",
  requests: { cpuMillis: 100, memoryMib: 256 },
  sessionIdleSeconds: 43_200,
};
const CLUSTER: PodEnvironment = {
  ...ENVIRONMENT,
  nodeSelector: { pool: "runners" },
  tolerations: [{ key: "runners", operator: "Exists", effect: "NoSchedule" }],
  runtimeClassName: "gvisor",
  s3Endpoints: ["*.amazonaws.com:443", "s3.grad.svc:7070"],
};

for (const [name, environment] of Object.entries({ pod: ENVIRONMENT, pod_on_its_own_nodes: CLUSTER })) {
  Deno.test(`podManifest() makes ${name}.json`, async () => {
    const text = `${JSON.stringify(podManifest(aRecord(), environment, OWNER), null, 2)}\n`;
    await assertGolden(text, new URL(`testdata/${name}.json`, import.meta.url));
  });
}

Deno.test("volumeManifest() makes volume.json", async () => {
  const text = `${JSON.stringify(volumeManifest(aRecord(), OWNER, "fast"), null, 2)}\n`;
  await assertGolden(text, new URL("testdata/volume.json", import.meta.url));
});

const containers = (() => {
  const { spec } = podManifest(aRecord(), ENVIRONMENT, OWNER);
  return [...spec!.initContainers!, ...spec!.containers];
})();

Deno.test("podManifest() gives a privilege to the mount component alone, and Linux capabilities to none", () => {
  for (const { name, securityContext } of containers) {
    const { privileged, capabilities, runAsNonRoot, allowPrivilegeEscalation } = securityContext!;
    assert.equal(securityContext!.readOnlyRootFilesystem, true, name);
    if (name === "mount") assert.equal(privileged, true);
    else {
      assert.deepEqual([privileged, runAsNonRoot, allowPrivilegeEscalation], [undefined, true, false], name);
      assert.deepEqual(capabilities, { drop: ["ALL"] }, name);
    }
  }
});

Deno.test("podManifest() shows each volume only to the components that need it, and datasets for writing to mount alone", () => {
  const seenBy = (volume: string) =>
    containers.filter(({ volumeMounts }) => volumeMounts!.some(({ name }) => name === volume)).map((
      { name },
    ) => name);
  assert.deepEqual(seenBy("keys"), ["data"]);
  assert.deepEqual(seenBy("tls"), ["data", "agent"]);
  assert.deepEqual(seenBy("mount-socket"), ["mount", "data"]);
  assert.deepEqual(seenBy("kernel-shm"), ["kernel"]);
  for (const { name, volumeMounts } of containers) {
    for (const mounted of volumeMounts!.filter(({ name }) => name === "data")) {
      assert.equal(mounted.readOnly ?? false, name !== "mount", name);
    }
  }
  const seesPart = (part: string) =>
    containers.filter(({ volumeMounts }) => volumeMounts!.some(({ subPath }) => subPath === part)).map((
      { name },
    ) => name);
  assert.deepEqual(seesPart("state"), ["agent"]);
  assert.deepEqual(seesPart("kernel"), ["kernel", "agent"]);
});

Deno.test("podManifest() holds code to the memory, cores and storage that the runner was requested with", () => {
  const [kernel, agent] = ["kernel", "agent"].map((name) => containers.find((each) => each.name === name)!);
  const option = ({ command }: V1Container, name: string) => command![command!.indexOf(name) + 1];
  const { memoryMib, cpuMillis, storageMib } = aRecord().spec.resources;
  assert.equal(option(kernel!, "--memory-bytes"), String(memoryMib * 2 ** 20));
  assert.equal(option(kernel!, "--threads"), String(Math.ceil(cpuMillis / 1000)));
  for (const component of [kernel!, agent!]) {
    assert.equal(option(component, "--storage-bytes"), String(storageMib * 2 ** 20), component.name);
    // Both mean the same folder of the volume.
    const place = option(component, "--spill");
    const mounted = component.volumeMounts!.find(({ mountPath }) => mountPath === place);
    assert.deepEqual([mounted?.name, mounted?.subPath], ["volume", "spill"], component.name);
  }
});

Deno.test("podManifest() gives code no folder on the node's disk but its volume: the kubelet would evict a pod that fills one", () => {
  const { spec } = podManifest(aRecord(), ENVIRONMENT, OWNER);
  const kernel = containers.find(({ name }) => name === "kernel")!;
  for (const { name, readOnly } of kernel.volumeMounts!) {
    const volume = spec!.volumes!.find((each) => each.name === name)!;
    if (readOnly !== true && name !== "volume") assert.equal(volume.emptyDir?.medium, "Memory", name);
  }
});

Deno.test("podManifest() has no probe and no hook that runs a program in the kernel component", () => {
  const kernel = containers.find(({ name }) => name === "kernel")!;
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = kernel;
  assert.deepEqual([livenessProbe, readinessProbe, startupProbe, lifecycle], Array(4).fill(undefined));
});
