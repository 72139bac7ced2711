import { AuthorizationV1Api, type KubeConfig } from "@kubernetes/client-node";
import { GradError } from "../../../../shared/errors.ts";
import type { Outcome } from "../../../diagnostics/diagnostic_check.ts";
import { toError } from "../errors.ts";

/** A right that grad needs; `namespaced` ones are for the runners' namespace. */
export type Right = Readonly<{
  group: string;
  /** With the subresource behind a slash. */
  resource: string;
  verbs: readonly string[];
  namespaced: boolean;
}>;

/** What k8s/base/rbac.yaml gives grad. tests/deployment/role_test.ts compares both. */
export const RIGHTS: readonly Right[] = [
  right("grad.dev", "runners", "create delete get list patch watch"),
  right("grad.dev", "runners/status", "patch"),
  right("", "pods", "create delete get list watch"),
  right("", "pods/log", "get"),
  right("", "events", "list"),
  right("", "persistentvolumeclaims", "create delete list"),
  right("", "secrets", "create delete"),
  { group: "authentication.k8s.io", resource: "tokenreviews", verbs: ["create"], namespaced: false },
];

function right(group: string, resource: string, verbs: string): Right {
  return { group, resource, verbs: verbs.split(" "), namespaced: true };
}

/** Asks the API server for each right, which everybody may. @throws {GradError} `permission_denied` with the missing ones */
export async function checkRights(config: KubeConfig, namespace: string): Promise<Outcome> {
  const api = config.makeApiClient(AuthorizationV1Api);
  const asked = RIGHTS.flatMap((each) => each.verbs.map((verb) => ({ ...each, verb })));
  const answers = await Promise.all(asked.map(async ({ group, resource, verb, namespaced }) => {
    const [name, subresource] = resource.split("/");
    const resourceAttributes = {
      ...{ group, resource: name!, verb },
      ...subresource === undefined ? {} : { subresource },
      ...namespaced ? { namespace } : {},
    };
    const body = { spec: { resourceAttributes } };
    const { status } = await api.createSelfSubjectAccessReview({ body }).catch((thrown) =>
      Promise.reject(toError(thrown))
    );
    return {
      text: `${verb} ${group === "" ? resource : `${resource}.${group}`}`,
      allowed: status?.allowed === true,
    };
  }));
  const missing = answers.filter(({ allowed }) => !allowed).map(({ text }) => text);
  if (missing.length === 0) {
    return { state: "ok", message: `grad has the ${answers.length} rights that it needs in ${namespace}` };
  }
  throw new GradError("permission_denied", `grad may not: ${missing.join(", ")} (namespace ${namespace})`, {
    hint: "Apply k8s/base/rbac.yaml, and compare its subjects with grad's service account.",
  });
}
