/** grad's rights, compared with the calls of its code, both ways: no call without its right, no right without its call. */
import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { RIGHTS } from "../../grad/runners/kubernetes/diagnostics/rights.ts";
import { REPOSITORY } from "../support/repository.ts";

type Rule = Readonly<{ apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] }>;
type Role = Readonly<{
  kind: string;
  metadata: Readonly<{ name: string; namespace?: string }>;
  rules?: readonly Rule[];
}>;

/** Methods of client-node, by their first words, and the verbs that they need. */
const VERBS: Readonly<Record<string, string>> = {
  create: "create",
  delete: "delete",
  get: "get",
  list: "list",
  patch: "patch",
  read: "get",
  replace: "update",
};
/** The rest of a method's name: the resource. Custom objects are runners alone. */
const RESOURCES: Readonly<Record<string, string>> = {
  ConfigMap: "configmaps",
  CustomObject: "grad.dev/runners",
  CustomObjectStatus: "grad.dev/runners/status",
  Event: "events",
  PersistentVolumeClaim: "persistentvolumeclaims",
  Pod: "pods",
  PodLog: "pods/log",
  Secret: "secrets",
};
/** Collections that the code watches: a path of the API, not a method. */
const WATCHED: readonly [pattern: RegExp, resource: string][] = [
  [/namespaces\/\$\{namespace\}\/pods\b/, "pods"],
  [/namespaces\/\$\{namespace\}\/\$\{plural\}/, "grad.dev/runners"],
];

async function sources(folder: string): Promise<string> {
  const texts: string[] = [];
  for await (const { name, isDirectory, isFile } of Deno.readDir(`${REPOSITORY}/${folder}`)) {
    const path = `${folder}/${name}`;
    if (isDirectory && !["testing", "testdata", "deployment"].includes(name)) texts.push(await sources(path));
    if (isFile && name.endsWith(".ts") && !name.endsWith("_test.ts")) {
      texts.push(await Deno.readTextFile(`${REPOSITORY}/${path}`));
    }
  }
  return texts.join("\n");
}

/** What a program calls, as "verb resource". */
function calls(code: string): string[] {
  const found = new Set<string>();
  for (const [, verb, resource] of code.matchAll(/\b([a-z]+)Namespaced([A-Z]\w+?)(?:WithHttpInfo)?\(/g)) {
    const known = RESOURCES[resource!];
    assert.ok(
      known !== undefined && VERBS[verb!] !== undefined,
      `unknown call: ${verb}Namespaced${resource}`,
    );
    found.add(`${VERBS[verb!]} ${known}`);
  }
  for (const [pattern, resource] of WATCHED) if (pattern.test(code)) found.add(`watch ${resource}`);
  return [...found].sort();
}

async function role(file: string, name: string, namespace: string): Promise<string[]> {
  const text = await Deno.readTextFile(`${REPOSITORY}/k8s/base/${file}`);
  const roles = parseAllDocuments(text).map((document) => document.toJS() as Role);
  const found = roles.find(({ kind, metadata }) =>
    kind === "Role" && metadata.name === name && metadata.namespace === namespace
  );
  assert.ok(found?.rules, `${file} has no Role ${name} in ${namespace}`);
  const rights = found.rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.map((verb) => `${verb} ${group === "" ? resource : `${group}/${resource}`}`)
      )
    )
  );
  return [...new Set(rights)].sort();
}

Deno.test("grad's Role for runners is what its code calls, and no more", async () => {
  const code = await sources("grad/runners/kubernetes");
  assert.deepEqual(await role("rbac.yaml", "grad", "grad-runners"), calls(code));
});

Deno.test("gractl doctor asks for all rights of that Role, and for no other", async () => {
  const asked = RIGHTS.filter(({ namespaced }) => namespaced).flatMap(({ group, resource, verbs }) =>
    verbs.map((verb) => `${verb} ${group === "" ? resource : `${group}/${resource}`}`)
  );
  assert.deepEqual([...asked].sort(), await role("rbac.yaml", "grad", "grad-runners"));
});

Deno.test("grad cannot read a Secret", async () => {
  const rights = await role("rbac.yaml", "grad", "grad-runners");
  assert.deepEqual(rights.filter((right) => right.endsWith(" secrets")), [
    "create secrets",
    "delete secrets",
  ]);
});

Deno.test("the Role of grad certificates is what its code calls, and no more", async () => {
  const code = await sources("grad/runners/kubernetes/deployment");
  assert.deepEqual(await role("certificates.yaml", "grad-certificates", "grad"), calls(code));
});

Deno.test("grad certificates reads and replaces only the Secrets and the ConfigMap that it keeps", async () => {
  const text = await Deno.readTextFile(`${REPOSITORY}/k8s/base/certificates.yaml`);
  const [rules] = parseAllDocuments(text).map((document) => document.toJS() as Role)
    .filter(({ kind }) => kind === "Role").map(({ rules }) => rules!);
  for (const { resources, resourceNames, verbs } of rules!) {
    if (verbs.join() !== "create") assert.ok((resourceNames ?? []).length > 0, resources.join());
  }
});
