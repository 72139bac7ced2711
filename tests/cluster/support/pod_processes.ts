import { eventually } from "../../support/process.ts";
import { kubectl } from "./cluster.ts";

/** Processes of a pod's container whose command line has all of `words`, without its first process and the one that looks. */
const FIND = `
import os, signal, sys
for name in os.listdir("/proc"):
    if not name.isdigit() or int(name) in (1, os.getpid()):
        continue
    try:
        words = open(f"/proc/{name}/cmdline", "rb").read().decode().split("\\0")
    except OSError:
        continue
    if set(sys.argv[2:]) <= set(words):
        if sys.argv[1] != "find":
            os.kill(int(name), signal.Signals[sys.argv[1]])
        print(name)
`;

/** One container of a runner's pod. */
export type Container = Readonly<{ namespace: string; pod: string; container: string }>;

/** Runs a program in a container, as the container's own user; what it prints. */
export function exec({ namespace, pod, container }: Container, ...argv: readonly string[]): Promise<string> {
  return kubectl("exec", "--namespace", namespace, pod, "--container", container, "--", ...argv);
}

/** Ids of the processes whose command line has all of `words`. */
export async function processes(at: Container, ...words: readonly string[]): Promise<readonly string[]> {
  return lines(await exec(at, "/usr/bin/python3", "-c", FIND, "find", ...words));
}

/** Ends these processes by SIGKILL, as soon as there are some: one that was killed before may not be back yet. Says which they were. */
export function kill(at: Container, ...words: readonly string[]): Promise<readonly string[]> {
  return eventually(`a process of ${words.join(" ")} in ${at.container}`, async () => {
    const killed = await signalProcesses(at, "SIGKILL", ...words);
    return killed.length === 0 ? undefined : killed;
  }, 60_000);
}

/** Sends a signal to these processes, and says which they were. */
export async function signalProcesses(
  at: Container,
  name: Deno.Signal,
  ...words: readonly string[]
): Promise<readonly string[]> {
  return lines(await exec(at, "/usr/bin/python3", "-c", FIND, name, ...words));
}

function lines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}
