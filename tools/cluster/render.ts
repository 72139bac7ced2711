/**
 * Prints the objects of a kustomization with this run's images and addresses:
 *
 *   render.ts FOLDER --image REF --runner-image REF [--name DNS_NAME_OR_IP]… [--s3-host IP] [--prefix P-]
 *
 * `--name` adds to the names of grad's certificate, `--s3-host` lets runners reach every port of that address, and `--prefix` puts
 * it before the names of all namespaces and of what has none, so that several deployments fit into one cluster.
 */
import { parseArgs } from "node:util";
import { parseAllDocuments } from "yaml";

type Fields = Record<string, unknown>;
type Manifest = Fields & { kind: string; metadata: Fields & { name: string; namespace?: string } };

const NAMESPACES = ["grad", "grad-runners", "grad-users", "grad-admins"];
/** Fields whose value is the name of a namespace. */
const NAMESPACE_FIELDS = ["namespace", "kubernetes.io/metadata.name"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "image": { type: "string" },
    "runner-image": { type: "string" },
    "name": { type: "string", multiple: true, default: [] },
    "s3-host": { type: "string" },
    "prefix": { type: "string", default: "" },
  },
});
const { image, "runner-image": runnerImage, name: names, "s3-host": s3Host, prefix } = values;
const [folder] = positionals;
if (folder === undefined) throw new Error("Cannot render: name the folder of a kustomization");

const images: Readonly<Record<string, string | undefined>> = { "grad": image, "grad-runner": runnerImage };

/** The image of this run in the place of `reference`, by the name of its repository. */
function imageOf(reference: string): string {
  const repository = reference.replace(/@.*|:[^:/]*$/, "").split("/").at(-1)!;
  return images[repository] ?? reference;
}

/** Every field of the tree, changed by `change(key, value)` where it is a text. */
function mapped(value: unknown, change: (key: string, text: string) => string, key = ""): unknown {
  if (typeof value === "string") return change(key, value);
  if (Array.isArray(value)) return value.map((item) => mapped(item, change, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapped(item, change, name)]));
}

/** grad's configuration, and the arguments of its programs, name namespaces within texts. */
function inText(text: string): string {
  return text
    .replaceAll(/\bgrad-(runners|users|admins)\b/g, `${prefix}grad-$1`)
    .replaceAll(/\bgrad\.grad\b/g, `grad.${prefix}grad`)
    .replaceAll(/\b(s3)\.grad\b/g, `$1.${prefix}grad`);
}

function rendered(object: Manifest): unknown {
  const changed = mapped(object, (key, text) => {
    if (key === "image" || key === "runner-image") return imageOf(text);
    if (NAMESPACE_FIELDS.includes(key) && NAMESPACES.includes(text)) return prefix + text;
    if (key === "configuration.yaml") return inText(text);
    return text;
  }) as Manifest;
  if (object.kind === "Namespace" || object.kind === "ClusterRoleBinding" || object.kind === "ClusterRole") {
    changed.metadata.name = prefix + changed.metadata.name;
  }
  if (object.kind === "ClusterRoleBinding") {
    const role = changed.roleRef as Fields & { name: string };
    if (role.name.startsWith("grad")) role.name = prefix + role.name;
  }
  if (object.kind === "Deployment" && object.metadata.name === "grad-certificates") certificates(changed);
  if (object.metadata.name === "runners-reach-s3" && s3Host !== undefined) {
    (changed.spec as Fields).egress = [{ to: [{ ipBlock: { cidr: `${s3Host}/32` } }] }];
  }
  return changed;
}

function certificates(deployment: Manifest): void {
  const { spec: { template: { spec: { containers: [container] } } } } = deployment as unknown as {
    spec: { template: { spec: { containers: [{ args: string[] }] } } };
  };
  const args = container.args.map((text) => text === "grad" ? `${prefix}grad` : inText(text));
  container.args = [...args, ...names.flatMap((name) => ["--names", name])];
}

const kustomize = await new Deno.Command("kubectl", { args: ["kustomize", folder], stderr: "inherit" })
  .output();
if (!kustomize.success) Deno.exit(kustomize.code);
for (const document of parseAllDocuments(new TextDecoder().decode(kustomize.stdout))) {
  // As JSON, which reads the same in every version of YAML: `off` is a text here, and false there.
  console.log(`---\n${JSON.stringify(rendered(document.toJS()))}`);
}
