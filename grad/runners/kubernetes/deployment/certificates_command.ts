import { isIP } from "node:net";
import { parseArgs } from "node:util";
import { kubeConfig } from "../kube_config.ts";
import type { Clock } from "../../../../shared/clock.ts";
import { GradError, messageOf } from "../../../../shared/errors.ts";
import type { Logger } from "../../../../shared/log.ts";
import { keepCertificates, makeCertificates } from "./keep_certificates.ts";

/** What `grad certificates` was asked for. */
export type CertificatesCommand = Readonly<{
  namespace: string;
  names: readonly string[];
  /** Ends after one look. */
  once: boolean;
}>;

export const CERTIFICATES_USAGE =
  "grad certificates --namespace NAMESPACE --names NAME_OR_ADDRESS,… [--once]";

/** Each label of a DNS name. */
const DNS_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;

/** @throws {GradError} `usage` */
export function parseCertificatesCommand(args: readonly string[]): CertificatesCommand {
  const refuse = (why: string, cause?: unknown) =>
    new GradError("usage", `Cannot read the command line of grad certificates: ${why}`, {
      hint: `Write: ${CERTIFICATES_USAGE}`,
      cause,
    });
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        namespace: { type: "string" },
        names: { type: "string", multiple: true },
        once: { type: "boolean", default: false },
      },
    }));
  } catch (cause) {
    throw refuse(messageOf(cause), cause);
  }
  const { namespace, once } = values;
  const names = (values.names ?? []).flatMap((list) => list.split(","));
  if (namespace === undefined) throw refuse("--namespace is missing");
  if (names.length === 0) throw refuse("--names is missing");
  const wrong = names.find((name) => isIP(name) === 0 && !DNS_NAME.test(name));
  if (wrong !== undefined) throw refuse(`${JSON.stringify(wrong)} is neither a DNS name nor an IP address`);
  return { namespace, names: [...new Set(names)], once };
}

/** Runs `grad certificates` with the service account of its pod, or with KUBECONFIG, until `signal` aborts. */
export async function runCertificates(
  { once, ...command }: CertificatesCommand,
  dependencies: Readonly<{ clock: Clock; log: Logger }>,
  signal: AbortSignal,
): Promise<void> {
  const config = kubeConfig();
  const options = { ...command, ...dependencies, config };
  await (once ? makeCertificates(options) : keepCertificates(options, signal));
}
