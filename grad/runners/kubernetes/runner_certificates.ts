import { type CoreV1Api, type CustomObjectsApi, type V1Pod } from "@kubernetes/client-node";
import type { Clock } from "../../../shared/clock.ts";
import { messageOf } from "../../../shared/errors.ts";
import type { Logger } from "../../../shared/log.ts";
import type { RunnerRecord } from "../runner.ts";
import { RUNNER_DAYS } from "./certificates.ts";
import { CONFLICT, NOT_FOUND, unless } from "./errors.ts";
import type { Identity } from "./identity.ts";
import { certificateName, serverName } from "./manifests/layout.ts";
import { type Owner, RESOURCE, RUNNER_LABEL, runnerMetadata } from "./manifests/metadata.ts";
import { type RunnerObject, toRecord } from "./runner_object.ts";

export type RunnerCertificatesOptions = Readonly<{
  core: Pick<CoreV1Api, "createNamespacedSecret" | "deleteNamespacedSecret" | "listNamespacedPod">;
  custom: Pick<CustomObjectsApi, "getNamespacedCustomObject">;
  namespace: string;
  identity: () => Promise<Identity>;
  clock: Pick<Clock, "now">;
  log: Logger;
}>;

/** A pod that is older than this gets a new certificate, in milliseconds: half of a certificate's life. */
export const RENEW_AFTER_MS = RUNNER_DAYS / 2 * 24 * 3600 * 1000;

/** The certificates of runners' components, each in a Secret that grad can make and delete, but not read. */
export class RunnerCertificates {
  readonly #options: RunnerCertificatesOptions;

  constructor(options: RunnerCertificatesOptions) {
    this.#options = options;
  }

  /** Signs a new certificate and puts it into the place of an earlier one. */
  async write(record: RunnerRecord, owner: Owner): Promise<void> {
    const { core, namespace, identity, clock } = this.#options;
    const name = certificateName(record.id);
    const { authority } = await identity();
    const pair = await authority.server(serverName(record.id), clock.now(), RUNNER_DAYS);
    const body = {
      metadata: runnerMetadata(record, owner, name),
      type: "kubernetes.io/tls",
      stringData: { "tls.crt": pair.certificate, "tls.key": pair.key, "ca.crt": authority.certificate },
    };
    await unless([NOT_FOUND], core.deleteNamespacedSecret({ name, namespace }));
    await unless([CONFLICT], core.createNamespacedSecret({ namespace, body }));
  }

  async remove(id: string): Promise<void> {
    const { core, namespace } = this.#options;
    await unless([NOT_FOUND], core.deleteNamespacedSecret({ name: certificateName(id), namespace }));
  }

  /**
   * Renews the certificates of pods that are older than {@link RENEW_AFTER_MS}, or than `olderThanMs`. Nothing remembers when a
   * certificate was renewed: an old pod gets a new one each time. The kubelet writes it into the pod within about a minute, and the
   * components read it for each connection. A failure with one runner is logged and does not keep the others from theirs; then the
   * answer is false.
   */
  async renewOld(olderThanMs: number = RENEW_AFTER_MS): Promise<boolean> {
    const { core, namespace, clock, log } = this.#options;
    const listed = await unless([], core.listNamespacedPod({ namespace, labelSelector: RUNNER_LABEL }));
    const old = (listed?.items ?? []).filter((pod) => isOld(pod, clock.now() - olderThanMs));
    let done = true;
    for (const { metadata } of old) {
      const id = metadata?.labels?.[RUNNER_LABEL] ?? "";
      try {
        if (await this.#renew(id)) log.info("certificate.renewed", { runner: id });
      } catch (thrown) {
        log.warn("certificate.not_renewed", { runner: id, error: messageOf(thrown) });
        done = false;
      }
    }
    return done;
  }

  async #renew(id: string): Promise<boolean> {
    const { custom, namespace } = this.#options;
    const found: RunnerObject | undefined = await unless(
      [NOT_FOUND],
      custom.getNamespacedCustomObject({ ...RESOURCE, namespace, name: id }),
    );
    const uid = found?.metadata.uid;
    if (found === undefined || uid === undefined) return false;
    await this.write(toRecord(found).record, { namespace, uid });
    return true;
  }
}

function isOld({ metadata }: V1Pod, beforeMs: number): boolean {
  const { creationTimestamp, deletionTimestamp } = metadata ?? {};
  return deletionTimestamp === undefined && creationTimestamp !== undefined &&
    new Date(creationTimestamp).getTime() <= beforeMs;
}
