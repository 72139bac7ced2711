import {
  ApiException,
  CoreV1Api,
  CustomObjectsApi,
  type KubeConfig,
  VersionApi,
} from "@kubernetes/client-node";
import { GradError } from "../../../../shared/errors.ts";
import type { DiagnosticCheck, Outcome } from "../../../diagnostics/diagnostic_check.ts";
import { NOT_FOUND, toError, unless } from "../errors.ts";
import { RESOURCE } from "../manifests/metadata.ts";
import { checkRights } from "./rights.ts";

export type ClusterChecksOptions = Readonly<{
  config: KubeConfig;
  /** Of runners. */
  namespace: string;
  /** Of volumes; the cluster's default where it is undefined. */
  storageClassName: string | undefined;
}>;

const ok = (message: string): Outcome => ({ state: "ok", message });

/** What runners need of the API server. Nothing is made: the volume is a dry run. */
export function clusterChecks(
  { config, namespace, storageClassName }: ClusterChecksOptions,
): readonly DiagnosticCheck[] {
  return [
    {
      id: "kubernetes-api",
      title: "Kubernetes API",
      async run() {
        const { gitVersion } = await config.makeApiClient(VersionApi).getCode()
          .catch((thrown) => Promise.reject(toError(thrown)));
        return ok(`Kubernetes ${gitVersion} answers`);
      },
    },
    { id: "rights", title: "grad's rights", run: () => checkRights(config, namespace) },
    { id: "crd", title: "records of runners", run: () => checkCrd(config, namespace) },
    {
      id: "storage-class",
      title: "storage class",
      run: () => checkStorageClass(config, { namespace, storageClassName }),
    },
  ];
}

/** Reads one record, as every call of grad does. */
async function checkCrd(config: KubeConfig, namespace: string): Promise<Outcome> {
  const api = config.makeApiClient(CustomObjectsApi);
  const list = await unless(
    [NOT_FOUND],
    api.listNamespacedCustomObject({ ...RESOURCE, namespace, limit: 1 }),
  );
  const name = `${RESOURCE.plural}.${RESOURCE.group}/${RESOURCE.version}`;
  if (list !== undefined) return ok(`${name} is served`);
  throw new GradError("internal", `The API server does not serve ${name}`, {
    hint: "Apply k8s/base/crd.yaml.",
  });
}

/** Lets the API server check a volume without making it: it fills in the default class, and refuses what a quota refuses. */
async function checkStorageClass(
  config: KubeConfig,
  { namespace, storageClassName }: Omit<ClusterChecksOptions, "config">,
): Promise<Outcome> {
  const core = config.makeApiClient(CoreV1Api);
  const body = {
    metadata: { generateName: "grad-diagnosis-" },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
      ...storageClassName === undefined ? {} : { storageClassName },
    },
  };
  const made = await core.createNamespacedPersistentVolumeClaim({ namespace, body, dryRun: "All" }).catch(
    (thrown) => {
      if (thrown instanceof ApiException && thrown.code === 403) {
        throw new GradError("permission_denied", `Cannot make volumes: ${toError(thrown).message}`, {
          hint: "Raise the quota of the runners' namespace, or give grad the right to create volume claims.",
        });
      }
      throw toError(thrown);
    },
  );
  if (storageClassName !== undefined) {
    return ok(`volumes use "${storageClassName}", which grad has no right to look at`);
  }
  const byDefault = made.spec?.storageClassName;
  if (byDefault) return ok(`volumes use "${byDefault}", the cluster's default`);
  throw new GradError(
    "runner_failed",
    "The cluster has no default storage class, and grad's configuration names none",
    {
      hint:
        "Set runners.storageClassName in grad's configuration to one that `kubectl get storageclasses` lists.",
    },
  );
}
