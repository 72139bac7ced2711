import type { ComponentName, ComponentProcess } from "./components.ts";
import { kubectl } from "./kubectl.ts";

/**
 * Finds the component: the first process of the kernel container; in the others, whose first process is an init, the one that runs
 * the module. Prints its id, when it was started and its peak memory in KiB, or nothing. Ends it when it is asked to: a first process
 * takes no SIGKILL from its own container.
 */
const FIND = `
import os, signal, sys
name, todo = sys.argv[1:]
for pid in ["1"] if name == "kernel" else filter(str.isdigit, os.listdir("/proc")):
    try:
        words = open(f"/proc/{pid}/cmdline").read().split("\\0")
        started = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[19]
        peak = open(f"/proc/{pid}/status").read().partition("VmHWM:")[2].split()[0]
    except (OSError, IndexError): continue
    if f"grad_runner.{name}" not in words or (pid == "1") != (name == "kernel"): continue
    if todo == "kill": os.kill(int(pid), signal.SIGTERM if pid == "1" else signal.SIGKILL)
    print(pid, started, peak)
`;

/** A component of the runner whose pod has this name; `undefined` also while its container starts. */
export async function podComponent(
  namespace: string,
  pod: string,
  name: ComponentName,
): Promise<ComponentProcess | undefined> {
  const at = [
    "exec",
    pod,
    "--namespace",
    namespace,
    `--container=${name}`,
    "--",
    "/usr/bin/python3",
    "-c",
    FIND,
    name,
  ];
  const [pid, started, peak] = (await kubectl(...at, "look").catch(() => "")).trim().split(" ");
  if (started === undefined) return undefined;
  return {
    id: `${pid}/${started}`,
    peakMemoryBytes: Number(peak) * 1024,
    kill: async () => void await kubectl(...at, "kill"),
  };
}
