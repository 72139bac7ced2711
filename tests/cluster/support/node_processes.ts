import { nodePod } from "./node_pod.ts";

/** Ends all processes of the container whose id is the argument, and prints how many there were. */
const KILL = `
import os, signal, sys
killed = 0
for name in os.listdir("/proc"):
    if not name.isdigit():
        continue
    try:
        groups = open(f"/proc/{name}/cgroup").read()
    except OSError:
        continue
    if sys.argv[1] in groups:
        os.kill(int(name), signal.SIGKILL)
        killed += 1
print(killed)
`;

/** A look at all processes of a node, by a privileged pod on it. */
export async function nodeProcesses(namespace: string, nodeName: string) {
  const pod = await nodePod({
    namespace,
    nodeName,
    name: `node-processes-${nodeName}`.slice(0, 60),
    spec: { hostPID: true },
    container: { securityContext: { privileged: true, runAsUser: 0 } },
  });
  return {
    /** SIGKILL for everything in a container, its first process included, as the OOM killer of the node does. */
    async kill(containerId: string): Promise<void> {
      const killed = await pod.exec("/usr/bin/python3", "-c", KILL, containerId);
      if (Number(killed) === 0) {
        throw new Error(`No process of the node belongs to the container ${containerId}`);
      }
    },
    [Symbol.asyncDispose]: () => pod[Symbol.asyncDispose](),
  };
}
