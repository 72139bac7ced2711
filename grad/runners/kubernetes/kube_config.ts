import { KubeConfig } from "@kubernetes/client-node";

/** The cluster that KUBECONFIG or ~/.kube/config names; in a pod, its own. */
export function kubeConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}
