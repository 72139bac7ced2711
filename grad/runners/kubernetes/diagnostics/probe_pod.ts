import type { V1Container, V1Pod } from "@kubernetes/client-node";
import { unprivileged } from "../manifests/containers.ts";
import { PYTHON, USER } from "../manifests/layout.ts";
import type { PodEnvironment } from "../manifests/pod.ts";

/** On pods of a diagnosis, and on nothing else. They do not have the label of runners' records. */
export const PROBE_LABEL = "grad.dev/probe";
/** The container that tries the network; the others only prove that their image starts. */
export const NETWORK_CONTAINER = "network";

/** Of the pod, whatever becomes of grad: long enough for a node that pulls the image for the first time. */
const DEADLINE_SECONDS = 600;
/** How long a try to connect waits: a network policy drops packets. */
const TRY_SECONDS = 1.5;
/** A network plug-in may apply policies a moment after a pod has started: what is open is tried again so often, a second apart. */
const TRIES = 8;

/** What the probe tries to reach. */
export type ProbeTargets = Readonly<{
  /** `host:port` that runners must reach. */
  s3: readonly string[];
}>;

/** What the probe has found. Outcomes are "reached", or why not. */
export type ProbeResult = Readonly<{
  /** `host:port` that the pod knows as the Kubernetes API. */
  api: string;
  /** Must not be reached: the Kubernetes API, and the metadata address of clouds. */
  forbidden: Readonly<Record<string, string>>;
  /** The cluster's DNS server. */
  dns: string;
  /** By `host:port`. */
  s3: Readonly<Record<string, string>>;
}>;

/** Standard library only: any image with the runners' Python runs it. Its answer is the container's termination message. */
const PROGRAM = `
import errno, json, os, socket, sys, time
from concurrent.futures import ThreadPoolExecutor

def why(error):
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, socket.gaierror):
        return "its name cannot be resolved"
    return os.strerror(error.errno) if error.errno else str(error)

def connect(target):
    host, _, port = target.rpartition(":")
    try:
        socket.create_connection((host, int(port)), ${TRY_SECONDS}).close()
        return "reached"
    except OSError as error:
        return why(error)

def closed(target):
    for left in reversed(range(${TRIES})):
        outcome = connect(target)
        if outcome != "reached" or left == 0:
            return outcome
        time.sleep(1)

def opened(target):
    for left in reversed(range(2)):
        outcome = connect(target)
        if outcome == "reached" or left == 0:
            return outcome

def dns(_):
    question = b"\\x12\\x34\\x01\\x00\\x00\\x01" + bytes(6) + b"\\x0akubernetes\\x07default\\x03svc\\x00\\x00\\x01\\x00\\x01"
    servers = [line.split()[1] for line in open("/etc/resolv.conf") if line.startswith("nameserver")]
    outcome = "no server is configured"
    for server in servers * 2:
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as client:
                client.settimeout(${TRY_SECONDS})
                client.sendto(question, (server, 53))
                client.recv(512)
                return "reached"
        except OSError as error:
            outcome = why(error)
    return outcome

api = os.environ["KUBERNETES_SERVICE_HOST"] + ":" + os.environ["KUBERNETES_SERVICE_PORT"]
forbidden = [api, "169.254.169.254:80"]
s3 = json.loads(sys.argv[1])
with ThreadPoolExecutor(16) as pool:
    named = pool.submit(dns, None)
    refused = pool.map(closed, forbidden)
    reached = pool.map(opened, s3)
    answer = {"api": api, "forbidden": dict(zip(forbidden, refused)), "dns": named.result(), "s3": dict(zip(s3, reached))}
with open("/dev/termination-log", "w") as out:
    json.dump(answer, out)
`;

/**
 * A pod that proves what runners need, as a runner's pod is scheduled: its images can be pulled and started, and the network policies of
 * runners hold for it. It has no volume, no token, no right, and ends by itself.
 *
 * @param environments the default one, whose nodes it uses, and others whose images it starts as well
 */
export function probePod(
  { name, namespace }: Readonly<{ name: string; namespace: string }>,
  environments: ReadonlyMap<string, PodEnvironment>,
  targets: ProbeTargets,
): V1Pod {
  const [first, ...others] = [...environments.values()];
  const images = new Set(others.map(({ image }) => image));
  images.delete(first!.image);
  const started = [...images].map((image, at) => container(`image-${at + 1}`, image, ["-c", "pass"]));
  const { nodeSelector, tolerations, runtimeClassName } = first!;
  return {
    apiVersion: "v1",
    kind: "Pod",
    // The label by which network policies select runners.
    metadata: {
      name,
      namespace,
      labels: { "app.kubernetes.io/name": "grad-runner", [PROBE_LABEL]: "diagnosis" },
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: "Never",
      activeDeadlineSeconds: DEADLINE_SECONDS,
      terminationGracePeriodSeconds: 0,
      securityContext: { seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        container(NETWORK_CONTAINER, first!.image, ["-c", PROGRAM, JSON.stringify(targets.s3)]),
        ...started,
      ],
      ...nodeSelector === undefined ? {} : { nodeSelector },
      ...tolerations === undefined ? {} : { tolerations: [...tolerations] },
      ...runtimeClassName === undefined ? {} : { runtimeClassName },
    },
  };
}

function container(name: string, image: string, args: readonly string[]): V1Container {
  return {
    name,
    image,
    command: [PYTHON, "-I", ...args],
    securityContext: unprivileged(USER),
    resources: { limits: { cpu: "1", memory: "64Mi" }, requests: { cpu: "1m", memory: "16Mi" } },
  };
}
