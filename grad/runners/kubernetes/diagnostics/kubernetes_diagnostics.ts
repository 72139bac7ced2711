import type { BackendDiagnostics, DiagnosticCheck } from "../../../diagnostics/diagnostic_check.ts";
import { clusterChecks, type ClusterChecksOptions } from "./cluster_checks.ts";
import { probe, type ProbeOptions } from "./probe.ts";
import { judgeImages, judgePolicies, judgeS3, type Probed } from "./probe_outcome.ts";

/** A result is used again for so long, since each try starts a pod. Short, for a user corrects something and asks again. */
const KEPT_MS = 5_000;

/** What runners need of the cluster: what the API server says, and what a pod of the runners' namespace finds. */
export function kubernetesDiagnostics(options: ClusterChecksOptions & ProbeOptions): BackendDiagnostics {
  const { clock, s3Endpoints } = options;
  let latest: Readonly<{ probed: Promise<Probed>; untilMs: number }> | undefined;

  /** The checks of one diagnosis, and diagnoses at the same time, share a pod. It is not the first caller's, so it ends with nobody's call. */
  function shared(): Promise<Probed> {
    if (latest === undefined || latest.untilMs <= clock.now()) {
      const probed = probe(options, new AbortController().signal);
      const mine = { probed, untilMs: clock.now() + KEPT_MS };
      latest = mine;
      probed.catch(() => {
        if (latest === mine) latest = undefined;
      });
    }
    return latest.probed;
  }
  const fromPod: readonly DiagnosticCheck[] = [
    { id: "image", title: "image of runners", run: async () => judgeImages(await shared()) },
    { id: "network-policy", title: "network policies", run: async () => judgePolicies(await shared()) },
    { id: "s3", title: "S3 from a runner", run: () => judgeS3(shared, s3Endpoints) },
  ];
  return { checks: [...clusterChecks(options), ...fromPod] };
}
