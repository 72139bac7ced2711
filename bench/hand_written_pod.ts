import { systemClock } from "../shared/clock.ts";
import { Authority } from "../grad/runners/kubernetes/certificates.ts";
import {
  certificateName,
  KERNEL_DIR,
  PYTHON,
  serverName,
} from "../grad/runners/kubernetes/manifests/layout.ts";
import { podManifest } from "../grad/runners/kubernetes/manifests/pod.ts";
import { volumeManifest } from "../grad/runners/kubernetes/manifests/volume.ts";
import { aRecord } from "../grad/runners/testing/records.ts";
import { lineProcess } from "./line_process.ts";

/** A pod that somebody has written by hand: the same image, containers and volume as a runner's, and kubectl instead of grad. */
export type HandWritten = Readonly<{
  /** Makes certificate, volume and pod, and waits until the pod is ready. */
  apply(): Promise<void>;
  /** Deletes the pod, and waits until it is gone. The volume stays. */
  deletePod(): Promise<void>;
  /** Runs Python in the kernel component; what it prints. */
  python(code: string): Promise<string>;
}>;

const SECONDS = "300s";

/** @param kubectl runs kubectl in the namespace; what it prints */
export async function handWritten(
  name: string,
  { image, namespace, kubectl }: Readonly<
    {
      image: string;
      namespace: string;
      kubectl: (args: readonly string[], stdin?: string) => Promise<string>;
    }
  >,
): Promise<HandWritten> {
  const resources = { cpuMillis: 1000, memoryMib: 1024, storageMib: 256 };
  const made = aRecord({ name, spec: { resources } });
  const record = { ...made, id: name };
  const owner = { namespace, uid: "" };
  const authority = await Authority.load(await Authority.create(systemClock.now()));
  const pair = await authority.server(serverName(name), systemClock.now(), 1);
  const metadata = { name: certificateName(name), namespace, ownerReferences: [] };
  const environment = { image, requests: { cpuMillis: 20, memoryMib: 64 }, sessionIdleSeconds: 0 };
  const objects = [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata,
      stringData: { "tls.crt": pair.certificate, "tls.key": pair.key, "ca.crt": authority.certificate },
    },
    volumeManifest(record, owner, undefined),
    podManifest(record, environment, owner),
  ];
  for (const { metadata } of objects) metadata!.ownerReferences = [];
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  return {
    async apply() {
      await kubectl(["apply", "-f", "-"], list);
      await kubectl(["wait", "--for=condition=Ready", `--timeout=${SECONDS}`, `pod/${name}`]);
    },
    deletePod: async () => void await kubectl(["delete", "pod", name, "--wait"]),
    python: (code) => kubectl(["exec", name, "-c", "kernel", "--", PYTHON, "-c", code]),
  };
}

/** jupyter_client straight to the only kernel of a runner's pod, in its agent's container. */
export async function straightInPod(pod: string, namespace: string): Promise<ReturnType<typeof lineProcess>> {
  const script = await Deno.readTextFile(new URL("straight.py", import.meta.url));
  const exec = ["exec", "-i", "-n", namespace, pod, "-c", "agent", "--"];
  return await lineProcess("kubectl", [...exec, PYTHON, "-u", "-c", script, KERNEL_DIR]);
}
