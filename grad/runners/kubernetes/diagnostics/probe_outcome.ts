import type { V1Pod } from "@kubernetes/client-node";
import { GradError } from "../../../../shared/errors.ts";
import type { Outcome } from "../../../diagnostics/diagnostic_check.ts";
import { observePod } from "../observe_pod.ts";
import { NETWORK_CONTAINER, type ProbeResult } from "./probe_pod.ts";

/** What a probe's pod says. */
export type Probed = Readonly<{
  /** Why the images do not start; `undefined` where all of them have. */
  imageFault: GradError | undefined;
  /** What was not over when nobody waited any longer: the start of the images, or the program. `undefined` where nothing is missing. */
  pending: "image" | "program" | undefined;
  images: readonly string[];
  /** `undefined` where the network was not tried. */
  network: ProbeResult | undefined;
}>;

/** Whether nothing of the pod is going to change that a diagnosis wants to know. Pure. */
export function isDecided(pod: V1Pod): boolean {
  const { containerStatuses = [], phase } = pod.status ?? {};
  if (phase === "Succeeded" || phase === "Failed" || observePod(pod).state === "failing") return true;
  return containerStatuses.length > 0 &&
    containerStatuses.every(({ state }) => state?.terminated !== undefined);
}

/** What is known of a probe's pod when it is decided, or when nobody waits any longer. Pure. */
export function probed(pod: V1Pod): Probed {
  const images = [...new Set(pod.spec?.containers.map(({ image = "" }) => image) ?? [])];
  const statuses = pod.status?.containerStatuses ?? [];
  const network = statuses.find(({ name }) => name === NETWORK_CONTAINER)?.state?.terminated?.message;
  const { state, reason, message } = observePod(pod);
  const failed = statuses.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  const imageFault = state === "failing"
    ? new GradError("runner_failed", `Cannot start a pod of runners: ${message}`, {
      hint: HINTS[reason] ?? HINT,
    })
    : failed === undefined
    ? undefined
    : new GradError(
      "runner_failed",
      `The image "${failed.image}" does not run the runners' Python: exit code ${failed.state?.terminated?.exitCode}, ${
        failed.state?.terminated?.message ?? failed.state?.terminated?.reason ?? ""
      }`,
      { hint: "Build it from Dockerfile.runner." },
    );
  const started = statuses.length > 0 && statuses.every(({ state }) => state?.running ?? state?.terminated);
  const pending = imageFault !== undefined || isDecided(pod) ? undefined : started ? "program" : "image";
  return { imageFault, pending, images, network: network === undefined ? undefined : parse(network) };
}

const HINT = "`kubectl describe pod` of a runner has the events; correct grad's configuration.";
const HINTS: Readonly<Partial<Record<string, string>>> = {
  image_unavailable:
    "Correct `image:` in grad's configuration, and let the nodes' container runtime reach its registry (credentials: imagePullSecrets of the namespace's service account).",
  unschedulable: "Correct nodeSelector and tolerations in grad's configuration, or add nodes.",
};

function parse(message: string): ProbeResult | undefined {
  try {
    return JSON.parse(message) as ProbeResult;
  } catch {
    // What Python printed instead, of a container that failed.
    return undefined;
  }
}

/** @throws {GradError} where an image does not start */
export function judgeImages({ imageFault, pending, images }: Probed): Outcome {
  if (imageFault !== undefined) throw imageFault;
  const names = images.join(", ");
  if (pending !== "image") return { state: "ok", message: `${names} start${images.length === 1 ? "s" : ""}` };
  return {
    state: "warning",
    message: `no node has started ${names} in the time of this check`,
    hint: "A node that pulls an image for the first time needs longer: run `gractl doctor` again.",
  };
}

/** @throws {GradError} where what must be closed is open */
export function judgePolicies(probed: Probed): Outcome {
  if (probed.pending !== undefined) return untried(probed.pending);
  const { forbidden, dns } = networkOf(probed);
  const open = Object.entries(forbidden).filter(([, outcome]) => outcome === "reached").map(([target]) =>
    target
  );
  if (open.length > 0) {
    throw new GradError(
      "runner_failed",
      `Nothing keeps runners from ${open.join(" and ")}: no NetworkPolicy holds for them`,
      {
        hint:
          "Use a network plug-in that enforces NetworkPolicy, such as Calico or Cilium, and apply k8s/base/networkpolicy.yaml to the runners' namespace.",
      },
    );
  }
  const closed = Object.keys(forbidden).join(" and ");
  if (dns === "reached") return { state: "ok", message: `enforced: a runner reaches DNS, and not ${closed}` };
  return {
    state: "warning",
    message: `a runner does not reach ${closed}, but DNS neither: ${dns}`,
    hint:
      "Compare the policy runners-reach-dns with the cluster's DNS pods: without DNS no S3 server is found by name.",
  };
}

/**
 * @param probed starts a pod, where there is something to try
 * @throws {GradError} where a server is not reached
 */
export async function judgeS3(probed: () => Promise<Probed>, endpoints: readonly string[]): Promise<Outcome> {
  const named = endpoints.filter((each) => !each.startsWith("*."));
  if (named.length === 0) {
    const message =
      "not tried: grad's configuration names no single server; `gractl dataset check` tries that of a dataset";
    return { state: "ok", message };
  }
  const found = await probed();
  if (found.pending !== undefined) return untried(found.pending);
  const { s3 } = networkOf(found);
  const lost = named.filter((each) => s3[each] !== "reached").map((each) =>
    `${each} (${s3[each] ?? "not tried"})`
  );
  if (lost.length === 0) return { state: "ok", message: `a runner reaches ${named.join(", ")}` };
  throw new GradError("runner_failed", `A runner does not reach ${lost.join(", ")}`, {
    hint: "Start the server, or allow its address and port in the policy runners-reach-s3.",
  });
}

function untried(pending: NonNullable<Probed["pending"]>): Outcome {
  const why = pending === "image" ? "its image has not started" : "its program has not ended";
  return {
    state: "warning",
    message: `not known: a pod of runners tries it, and ${why} in the time of this check`,
    hint: "Run `gractl doctor` again.",
  };
}

function networkOf({ network, imageFault }: Probed): ProbeResult {
  if (network !== undefined) return network;
  const why = imageFault === undefined ? "it did not answer" : "it does not start";
  throw new GradError("runner_failed", `Cannot try the network from a pod of runners: ${why}`, {
    hint: "Correct what the check of the image says, then run `gractl doctor` again.",
  });
}
