import assert from "node:assert/strict";
import { KubeConfig } from "@kubernetes/client-node";
import { systemClock } from "../../../../shared/clock.ts";
import { aContext } from "../../../auth/testing/contexts.ts";
import { Diagnose, type Finding } from "../../../diagnostics/diagnose.ts";
import { clusterChecks } from "./cluster_checks.ts";

/** What an API server answers, by the end of a path. */
type Answers = Readonly<{ [end: string]: (body: unknown) => Response }>;

const json = (value: unknown, status = 200) => Response.json(value, { status });
const refused = (code: number, message: string) => json({ kind: "Status", code, message }, code);

const IN_ORDER: Answers = {
  "/version": () => json({ gitVersion: "v1.36.3" }),
  "/selfsubjectaccessreviews": (body) => json({ ...body as object, status: { allowed: true } }),
  "/runners": () => json({ items: [] }),
  "/persistentvolumeclaims": (body) => {
    const { spec } = body as { spec: object };
    return json({ spec: { storageClassName: "standard", ...spec } });
  },
};

/** What the checks find with an API server that answers so. */
async function find(
  changes: Answers = {},
  storageClassName?: string,
): Promise<{ found: Record<string, Finding>; asked: URL[] }> {
  const asked: URL[] = [];
  const answers = { ...IN_ORDER, ...changes };
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const url = new URL(request.url);
    asked.push(url);
    const body = request.method === "POST" ? await request.json() : undefined;
    const end = Object.keys(answers).find((each) => url.pathname.replace(/\/$/, "").endsWith(each));
    return end === undefined ? refused(404, "no such path") : answers[end]!(body);
  });
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: "test", server: `http://127.0.0.1:${server.addr.port}`, skipTLSVerify: true },
    { name: "grad" },
  );
  const checks = clusterChecks({ config, namespace: "grad-runners", storageClassName });
  const found = await new Diagnose({ checks }, systemClock).run(aContext());
  return { found: Object.fromEntries(found.map((each) => [each.id, each])), asked };
}

const wrong = (found: Record<string, Finding>) =>
  Object.values(found).filter(({ state }) => state !== "ok").map(({ id, state }) => `${id} ${state}`);

/** Without leak checks: client-node keeps its connections. */
function serverTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

serverTest("clusterChecks() find a cluster in order, and make no volume", async () => {
  const { found, asked } = await find();
  assert.deepEqual(wrong(found), []);
  assert.equal(found["kubernetes-api"]?.message, "Kubernetes v1.36.3 answers");
  assert.match(found["storage-class"]!.message, /"standard", the cluster's default/);
  const volumes = asked.filter(({ pathname }) => pathname.endsWith("/persistentvolumeclaims"));
  assert.deepEqual(volumes.map(({ searchParams }) => searchParams.get("dryRun")), ["All"]);
  assert.match((await find({}, "fast")).found["storage-class"]!.message, /"fast"/);
});

const faults:
  readonly (readonly [what: string, changes: Answers, wrong: string, message: RegExp, hint: RegExp])[] = [
    [
      "no custom resource",
      { "/runners": () => refused(404, "not found") },
      "crd failed",
      /runners\.grad\.dev/,
      /crd\.yaml/,
    ],
    [
      "no default storage class",
      { "/persistentvolumeclaims": () => json({ spec: {} }) },
      "storage-class failed",
      /no default storage class/,
      /storageClassName/,
    ],
    [
      "a quota",
      { "/persistentvolumeclaims": () => refused(403, "exceeded quota: volumes") },
      "storage-class failed",
      /exceeded quota: volumes/,
      /quota/,
    ],
    [
      "a missing right",
      {
        "/selfsubjectaccessreviews": (body) => {
          const { spec } = body as {
            spec: { resourceAttributes: { resource: string; subresource?: string; verb: string } };
          };
          const { resource, subresource, verb } = spec.resourceAttributes;
          return json({ status: { allowed: `${verb} ${resource}/${subresource ?? ""}` !== "get pods/log" } });
        },
      },
      "rights failed",
      /^grad may not: get pods\/log \(namespace grad-runners\)$/,
      /rbac\.yaml/,
    ],
    [
      "an API server that fails",
      { "/version": () => refused(500, "boom") },
      "kubernetes-api failed",
      /500: boom/,
      /again/,
    ],
  ];
for (const [what, changes, fault, message, hint] of faults) {
  serverTest(`clusterChecks() name ${what}, and nothing else`, async () => {
    const { found } = await find(changes);
    assert.deepEqual(wrong(found), [fault]);
    const finding = Object.values(found).find(({ state }) => state === "failed")!;
    assert.match(finding.message, message);
    assert.match(finding.hint, hint);
  });
}
