/**
 * Attack: code in a runner's pod reaches for whatever the pod's network leads to, and whoever shares the cluster reaches for the
 * runner. The containers of a pod share loopback and the way out, so the filter of system calls stops code, and NetworkPolicies stop
 * the data component, code that was given a network, and other pods.
 */
import assert from "node:assert/strict";
import { eventually } from "../support/process.ts";
import { startS3Server } from "../support/versitygw.ts";
import { aNamespace, clusterConfig, kubectl, required } from "./support/cluster.ts";
import { aPod } from "./support/pods.ts";
import { applyPolicies } from "./support/policies.ts";
import { all, type Outcomes, reachCode, type Target } from "./support/reach.ts";
import { startRunner } from "./support/started_runner.ts";
import { clusterWorld } from "./support/world.ts";

const HOST = required("GRAD_TEST_CLUSTER_HOST", "the address of this machine that pods reach");
const AGENT = 7070;
const DATA = 7071;

type Targets = Readonly<Record<string, Target>>;

/** Addresses of the cluster itself that answer every pod by default. */
async function clusterTargets(): Promise<Targets> {
  const read = (what: readonly string[], path: string) => kubectl("get", ...what, "-o", `jsonpath=${path}`);
  const service = (name: string, namespace: string) =>
    read(["service", name, "-n", namespace], "{.spec.clusterIP}");
  const node = await read(["node"], '{.items[0].status.addresses[?(@.type=="InternalIP")].address}');
  return {
    "API server": { host: await service("kubernetes", "default"), port: 443 },
    "kubelet": { host: node, port: 10_250 },
    // A cluster without a stand-in for a cloud's metadata service names another address that only the NetworkPolicy refuses.
    "metadata service": { host: Deno.env.get("GRAD_TEST_METADATA_HOST") ?? "169.254.169.254", port: 80 },
  };
}

async function dnsTarget(): Promise<Target> {
  const host = await kubectl(
    ...["get", "service", "kube-dns", "-n", "kube-system", "-o", "jsonpath={.spec.clusterIP}"],
  );
  return { host, port: 53, by: "dns" };
}

Deno.test({
  name: "the network of a runner's pod",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    await using s3 = await startS3Server(await Deno.makeTempDir({ prefix: "gs-" }), HOST);
    await using world = await clusterWorld();
    await using gradNamespace = await aNamespace(clusterConfig());
    const instance = world.grad();
    const [runner, neighbour, open, gradPod, stranger] = await Promise.all([
      startRunner(instance, world.namespace, "attacker"),
      startRunner(instance, world.namespace, "neighbour"),
      startRunner(instance, world.namespace, "open", { network: "full" }),
      aPod(gradNamespace.name, "grad", { "app.kubernetes.io/name": "grad" }),
      aPod(gradNamespace.name, "stranger", { "app.kubernetes.io/name": "another" }),
    ]);
    const own: Targets = {
      "own agent by loopback": { host: "127.0.0.1", port: AGENT },
      "own data by loopback": { host: "127.0.0.1", port: DATA },
      "own agent": { host: runner.address, port: AGENT },
      "own data": { host: runner.address, port: DATA },
    };
    const others: Targets = {
      ...await clusterTargets(),
      "neighbour's agent": { host: neighbour.address, port: AGENT },
      "neighbour's data": { host: neighbour.address, port: DATA },
      "grad": { host: gradPod.address, port: gradPod.port },
      "another pod": { host: stranger.address, port: stranger.port },
    };
    const allowed: Targets = {
      DNS: await dnsTarget(),
      S3: { host: HOST, port: s3.port },
    };
    const everything = { ...own, ...others, ...allowed };
    const parse = (text: string): Outcomes => JSON.parse(text);

    await test.step("code has no internet sockets, where programs without the filter reach everything", async () => {
      assert.deepEqual(
        parse(await runner.python("kernel", reachCode(everything))),
        all(everything, "reached"),
      );
      assert.deepEqual(parse(await runner.code(reachCode(everything))), all(everything, "ENETUNREACH"));
      // Programs that code starts have none either.
      const child = `import subprocess, sys\nprint(subprocess.check_output([sys.executable, "-c", ${
        JSON.stringify(reachCode(everything))
      }], text=True))`;
      assert.deepEqual(parse(await runner.code(child)), all(everything, "ENETUNREACH"));
    });

    await test.step("the pod listens for grad alone", async () => {
      const listeners = await runner.python("kernel", LISTENERS);
      assert.deepEqual(JSON.parse(listeners), { tcp: [AGENT, DATA], udp: [], abstract: [] });
    });

    await test.step("agent and data answer grad's certificate alone", async () => {
      const tried = async (...certificate: string[]) =>
        JSON.parse(await open.python("data", handshakes(...certificate)));
      const refused = { [AGENT]: "refused", [DATA]: "refused" };
      const { certificate, key } = world.client;
      assert.deepEqual(await tried(certificate, key), { [AGENT]: "answered", [DATA]: "answered" });
      // Code with a network gets as far as the listeners of its own pod, which want a certificate that it does not have.
      assert.deepEqual(JSON.parse(await open.code(handshakes())), refused);
      // Nor is a runner's own certificate accepted, by its own components or by another runner's.
      const own = ["tls.crt", "tls.key"].map((name) => open.exec("data", "cat", `/run/tls/${name}`));
      assert.deepEqual(await tried(...await Promise.all(own)), refused);
    });

    await test.step("with NetworkPolicies a runner reaches DNS and S3 alone", async () => {
      const place = { grad: gradNamespace.name, runners: world.namespace, s3: { host: HOST, port: s3.port } };
      await applyPolicies(place);
      await eventually("the NetworkPolicy", async () => {
        const outcomes = parse(await open.python("data", reachCode(others)));
        return Object.values(outcomes).every((outcome) => outcome !== "reached") ? true : undefined;
      }, 60_000);
      const both = { ...others, ...allowed };
      const expected = { ...all(others, "timeout"), ...all(allowed, "reached") };
      assert.deepEqual(parse(await runner.python("kernel", reachCode(both))), expected);
      assert.deepEqual(parse(await runner.python("data", reachCode(both))), expected);
      // Code with `--network full` gets no further than its data component.
      assert.deepEqual(parse(await open.code(reachCode(both))), expected);
      assert.deepEqual(parse(await runner.code(reachCode(both))), all(both, "ENETUNREACH"));
    });

    await test.step("with NetworkPolicies grad alone reaches a runner", async () => {
      const components = { agent: own["own agent"]!, data: own["own data"]! };
      assert.deepEqual(parse(await gradPod.python(reachCode(components))), all(components, "reached"));
      assert.deepEqual(parse(await stranger.python(reachCode(components))), all(components, "timeout"));
      // A pod that merely has the label, in a namespace of somebody else.
      await using elsewhere = await aNamespace(clusterConfig());
      const impostor = await aPod(elsewhere.name, "grad", { "app.kubernetes.io/name": "grad" });
      assert.deepEqual(parse(await impostor.python(reachCode(components))), all(components, "timeout"));
      // Nor does a runner reach another port of grad, nor a client anything but its gRPC port.
      const ports = {
        gRPC: { host: gradPod.address, port: 50_051 },
        health: { host: gradPod.address, port: 8_080 },
      };
      assert.deepEqual(parse(await impostor.python(reachCode(ports))), {
        gRPC: "reached",
        health: "timeout",
      });
    });
  },
});

/** Prints what listens in the pod's network namespace, as JSON: ports of TCP and UDP, names of abstract unix sockets. */
const LISTENERS = `
import json
def ports(kind, state):
    found = set()
    for path in ("/proc/net/" + kind, "/proc/net/" + kind + "6"):
        for line in open(path).readlines()[1:]:
            fields = line.split()
            if fields[3] == state: found.add(int(fields[1].rsplit(":", 1)[1], 16))
    return sorted(found)
abstract = [line.split()[-1] for line in open("/proc/net/unix") if line.split()[-1].startswith("@")]
print(json.dumps({"tcp": ports("tcp", "0A"), "udp": ports("udp", "07"), "abstract": abstract}))
`;

/** Speaks TLS and then HTTP/2 to the components of its own pod, as gRPC does; prints whether one answered. */
function handshakes(certificate = "", key = ""): string {
  return `
import json, socket, ssl, tempfile
PEM = ${JSON.stringify([certificate, key].join("\n").trim())}
def answer(port):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    if PEM:
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(PEM); file.flush()
            context.load_cert_chain(file.name)
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as plain, context.wrap_socket(plain) as client:
            client.sendall(b"PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
            return "answered" if client.recv(1) else "refused"
    except (ssl.SSLError, ConnectionError): return "refused"
print(json.dumps({port: answer(port) for port in (${AGENT}, ${DATA})}))
`;
}
