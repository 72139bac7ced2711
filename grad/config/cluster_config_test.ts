import assert from "node:assert/strict";
import { parseClusterConfig } from "./cluster_config.ts";

const SMALLEST = `apiVersion: grad.dev/v1alpha1
kind: GradConfiguration
tls: { certificate: /etc/grad/tls/tls.crt, key: /etc/grad/tls/tls.key }
runners:
  namespace: grad-runners
  authority: { certificate: /etc/grad/ca/tls.crt, key: /etc/grad/ca/tls.key }
environments:
  default:
    image: registry.example/grad-runner@sha256:0
    resources: { default: { cpu: 1, memory: 1Gi, storage: 10Gi } }
`;

const parse = (text: string) => parseClusterConfig(new TextEncoder().encode(text), "/etc/grad/config.yaml");

Deno.test("parseClusterConfig() has defaults for what most clusters share", () => {
  const { environments, ...config } = parse(SMALLEST);
  assert.deepEqual(config, {
    listen: { hostname: "0.0.0.0", port: 50051 },
    health: { hostname: "0.0.0.0", port: 8080 },
    tls: { certificate: "/etc/grad/tls/tls.crt", key: "/etc/grad/tls/tls.key" },
    namespace: "grad-runners",
    storageClassName: undefined,
    authority: { certificate: "/etc/grad/ca/tls.crt", key: "/etc/grad/ca/tls.key" },
    idle: {
      pauseAfterMs: 12 * 3600_000,
      destroyPausedAfterMs: 30 * 24 * 3600_000,
      endSessionAfterMs: 12 * 3600_000,
    },
    s3Endpoints: [],
    admins: ["grad:admins"],
  });
  assert.deepEqual([...environments], [["default", {
    image: "registry.example/grad-runner@sha256:0",
    egress: false,
    default: { cpuMillis: 1000, memoryMib: 1024, storageMib: 10240 },
    largest: undefined,
    requests: { cpuMillis: 50, memoryMib: 128 },
  }]]);
});

Deno.test("parseClusterConfig() reads everything that an operator may set", () => {
  const config = parse(`${SMALLEST.replace("    image", "    egress: true\n    image")}
  gpu:
    image: registry.example/gpu@sha256:0
    resources:
      default: { cpu: 500m, memory: 4Gi, storage: 10Gi }
      largest: { cpu: "4", memory: 16Gi, storage: 100Gi }
    requests: { cpu: 100m, memory: 256Mi }
    nodeSelector: { accelerator: yes-please }
    tolerations:
      - { key: gpu, operator: Exists, effect: NoSchedule }
    runtimeClassName: gvisor
`.replace(
    "runners:\n",
    `listen: "[::]:443"
health: 127.0.0.1:0
admins: []
runners:
  storageClassName: fast
  idle: { pauseAfter: 1h30m, destroyPausedAfter: never, endSessionAfter: never }
  s3Endpoints: ["*.amazonaws.com:443", "s3.grad.svc:7070"]
`,
  ));
  assert.deepEqual(config.listen, { hostname: "::", port: 443 });
  assert.deepEqual(config.health, { hostname: "127.0.0.1", port: 0 });
  assert.deepEqual(config.admins, []);
  assert.equal(config.storageClassName, "fast");
  assert.deepEqual(config.idle, {
    pauseAfterMs: 5_400_000,
    destroyPausedAfterMs: undefined,
    endSessionAfterMs: undefined,
  });
  assert.deepEqual(config.s3Endpoints, ["*.amazonaws.com:443", "s3.grad.svc:7070"]);
  assert.deepEqual([...config.environments.keys()], ["default", "gpu"]);
  assert.equal(config.environments.get("default")?.egress, true);
  assert.deepEqual(config.environments.get("gpu"), {
    image: "registry.example/gpu@sha256:0",
    egress: false,
    default: { cpuMillis: 500, memoryMib: 4096, storageMib: 10240 },
    largest: { cpuMillis: 4000, memoryMib: 16384, storageMib: 102400 },
    requests: { cpuMillis: 100, memoryMib: 256 },
    nodeSelector: { accelerator: "yes-please" },
    tolerations: [{ key: "gpu", operator: "Exists", effect: "NoSchedule" }],
    runtimeClassName: "gvisor",
  });
});

const FAULTS: readonly (readonly [string, string, string, RegExp])[] = [
  ["a misspelt key", "runners:", "listn: a\nrunners:", /:4:1: listn: .*did you mean "listen"\?/],
  [
    "an unknown key of an environment",
    "    image",
    "    imag: x\n    image",
    /:9:5: environments\.default\.imag: .*"image"\?/,
  ],
  ["no TLS", /tls: .*\n/.exec(SMALLEST)![0], "", /:1:1: tls: is missing; add `tls:`/],
  ["a relative path", "/etc/grad/tls/tls.crt", "tls.crt", /:3:21: tls\.certificate: is not an absolute path/],
  ["an address without a port", "runners:", "listen: 0.0.0.0\nrunners:", /:4:9: listen: .*ADDRESS:PORT/],
  [
    "an amount of CPU",
    "cpu: 1,",
    "cpu: many,",
    /:10:34: environments\.default\.resources\.default\.cpu: .*500m/,
  ],
  ["an amount of memory", "memory: 1Gi", "memory: 1GiB", /:10:.*memory: is not an amount of bytes/],
  [
    "an endpoint with a scheme",
    "  namespace",
    '  s3Endpoints: ["https://s3:443"]\n  namespace',
    /:5:17: runners\.s3Endpoints\.0: is not an endpoint/,
  ],
  [
    "a duration",
    "  namespace",
    "  idle: { pauseAfter: soon }\n  namespace",
    /:5:23: runners\.idle\.pauseAfter: is not a duration/,
  ],
  [
    "no environment",
    /environments:[\s\S]*/.exec(SMALLEST)![0],
    "environments: {}\n",
    /:7:15: environments: is empty/,
  ],
  [
    "a default above the largest",
    "resources: {",
    "resources: { largest: { cpu: 1, memory: 1Gi, storage: 1Gi },",
    /:10:.*resources: .*more than .*largest/,
  ],
  [
    "the name of an environment",
    "  default:\n",
    "  Default One:\n",
    /environments\.Default One: is not a name/,
  ],
];
for (const [what, from, to, fault] of FAULTS) {
  Deno.test(`parseClusterConfig() tells where ${what} is`, () => {
    const changed = SMALLEST.replace(from, to);
    assert.notEqual(changed, SMALLEST);
    assert.throws(() => parse(changed), { code: "invalid_file", message: fault });
  });
}

Deno.test("parseClusterConfig() tells all faults at once, and quotes no value", () => {
  const changed = SMALLEST.replace("cpu: 1", "cpu: secret-1").replace("/etc/grad/ca/tls.key", "secret-2");
  assert.throws(() => parse(changed), (thrown: Error) => {
    assert.match(thrown.message, /2 faults/);
    assert.ok(!thrown.message.includes("secret"));
    return true;
  });
});

Deno.test("parseClusterConfig() takes the image of an environment from its caller where the file names none", () => {
  const without = new TextEncoder().encode(SMALLEST.replace(/ +image:.*\n/, ""));
  const imageOf = (bytes: Uint8Array) =>
    parseClusterConfig(bytes, "c.yaml", "runner:1").environments.get("default")!.image;
  assert.equal(imageOf(without), "runner:1");
  assert.equal(imageOf(new TextEncoder().encode(SMALLEST)), "registry.example/grad-runner@sha256:0");
  assert.throws(() => parseClusterConfig(without, "c.yaml"), { code: "invalid_file" });
});
