import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";
import type { RunnerRecord } from "../../runner.ts";
import { volumeName } from "./layout.ts";
import { type Owner, runnerMetadata } from "./metadata.ts";

/** The volume of a runner: workspace and journal. It outlives the pod. */
export function volumeManifest(
  record: RunnerRecord,
  owner: Owner,
  storageClassName: string | undefined,
): V1PersistentVolumeClaim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: runnerMetadata(record, owner, volumeName(record.id)),
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: `${record.spec.resources.storageMib}Mi` } },
      ...(storageClassName === undefined ? {} : { storageClassName }),
    },
  };
}
