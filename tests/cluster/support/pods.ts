import { stringify } from "yaml";
import { kubectl, required } from "./cluster.ts";

export type TestPod = Readonly<{ address: string; port: number; python(code: string): Promise<string> }>;

/** What grad listens on: the ports of NetworkPolicies. */
const PORTS = [50_051, 8_080];

/** A pod of the runner image without anything of a runner: it accepts connections on grad's ports, and runs Python for a test. */
export async function aPod(
  namespace: string,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<TestPod> {
  const image = required("GRAD_TEST_RUNNER_IMAGE", "the runner image, as the nodes of the cluster pull it");
  const listen = `import select, socket
servers = [socket.create_server(("", port)) for port in ${JSON.stringify(PORTS)}]
while True: [server.accept()[0].close() for server in select.select(servers, [], [])[0]]`;
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "main", image, command: ["python3", "-c", listen] }],
    },
  };
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(file, stringify(pod));
    await kubectl("apply", "-f", file);
  } finally {
    await Deno.remove(file);
  }
  await kubectl("wait", "--for=condition=Ready", "--timeout=120s", `pod/${name}`, "-n", namespace);
  const address = await kubectl("get", "pod", name, "-n", namespace, "-o", "jsonpath={.status.podIP}");
  return {
    address,
    port: PORTS[0]!,
    python: (code) => kubectl("exec", "-n", namespace, name, "--", "python3", "-c", code),
  };
}
