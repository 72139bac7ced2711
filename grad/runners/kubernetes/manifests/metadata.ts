import type { V1ObjectMeta } from "@kubernetes/client-node";
import type { RunnerRecord, RunnerRef } from "../../runner.ts";

/** The custom resource that is a runner's record; k8s/base/crd.yaml describes the same shape. */
export const RESOURCE = { group: "grad.dev", version: "v1alpha1", plural: "runners" } as const;
export const API_VERSION = `${RESOURCE.group}/${RESOURCE.version}`;
export const KIND = "Runner";

/** On everything that belongs to a runner: the runner's id. */
export const RUNNER_LABEL = "grad.dev/runner";
export const WORKSPACE_LABEL = "grad.dev/workspace";

/** The runner's custom resource, which owns what is made for it: Kubernetes deletes that with it. */
export type Owner = Readonly<{ namespace: string; uid: string }>;

/** Metadata of an object that belongs to a runner. */
export function runnerMetadata(
  { id, ref }: RunnerRecord,
  { namespace, uid }: Owner,
  name: string,
): V1ObjectMeta {
  return {
    name,
    namespace,
    labels: { "app.kubernetes.io/name": "grad-runner", ...runnerLabels(id, ref) },
    ownerReferences: [
      { apiVersion: API_VERSION, kind: KIND, name: id, uid, controller: true, blockOwnerDeletion: true },
    ],
  };
}

/** By which everything of a runner is found. */
export function runnerLabels(id: string, { workspaceId }: RunnerRef): Record<string, string> {
  return { "app.kubernetes.io/managed-by": "grad", [RUNNER_LABEL]: id, [WORKSPACE_LABEL]: workspaceId };
}
