import { parseAllDocuments, stringify } from "yaml";
import { REPOSITORY } from "../../support/repository.ts";
import { kubectl } from "./cluster.ts";

/** The namespaces that stand for `grad` and `grad-runners`, and where S3 is. */
export type Place = Readonly<{ grad: string; runners: string; s3: Readonly<{ host: string; port: number }> }>;

/** Applies k8s/base/networkpolicy.yaml to other namespaces than the deployment's. */
export async function applyPolicies({ grad, runners, s3 }: Place): Promise<void> {
  const text = await Deno.readTextFile(`${REPOSITORY}/k8s/base/networkpolicy.yaml`);
  const policies = parseAllDocuments(text).map((document) =>
    JSON.stringify(document.toJS()).replaceAll('"grad-runners"', JSON.stringify(runners))
      .replaceAll(/("namespace"|"kubernetes.io\/metadata.name"):"grad"/g, `$1:${JSON.stringify(grad)}`)
  ).map((json) => JSON.parse(json));
  for (const { metadata, spec } of policies) {
    if (metadata.name !== "runners-reach-s3") continue;
    // What an overlay replaces.
    spec.egress = [{
      to: [{ ipBlock: { cidr: `${s3.host}/32` } }],
      ports: [{ protocol: "TCP", port: s3.port }],
    }];
  }
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(file, policies.map((policy) => stringify(policy)).join("---\n"));
    await kubectl("apply", "-f", file);
  } finally {
    await Deno.remove(file);
  }
}
