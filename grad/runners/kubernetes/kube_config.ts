import type { KubeConfig } from "@kubernetes/client-node";
import { ClusterAccess } from "./cluster_access.ts";

/** The cluster that KUBECONFIG or ~/.kube/config names; in a pod, its own. */
export function kubeConfig(): KubeConfig {
  const config = new ClusterAccess();
  config.loadFromDefault();
  return config;
}
