import { parseAllDocuments, stringify } from "yaml";
import { describe, run } from "../../support/process.ts";
import { REPOSITORY } from "../../support/repository.ts";

type Manifest = { kind: string; metadata: { namespace?: string }; subjects?: { namespace?: string }[] };

/** Applies the objects of these kinds in `file`, with other namespaces in the place of those that `namespaces` names. */
export async function withNamespaces(
  file: string,
  namespaces: Readonly<Record<string, string>>,
  kinds: readonly string[],
): Promise<void> {
  const other = (name: string | undefined) =>
    name === undefined ? {} : { namespace: namespaces[name] ?? name };
  const texts: string[] = [];
  for (const document of parseAllDocuments(await Deno.readTextFile(`${REPOSITORY}/${file}`))) {
    const object = document.toJS() as Manifest;
    if (!kinds.includes(object.kind)) continue;
    Object.assign(object.metadata, other(object.metadata.namespace));
    for (const subject of object.subjects ?? []) Object.assign(subject, other(subject.namespace));
    texts.push(stringify(object));
  }
  const stdin = texts.join("---\n");
  const applied = await run(["kubectl", "apply", "-f", "-"], {
    cwd: REPOSITORY,
    env: Deno.env.toObject(),
    stdin,
  });
  if (applied.code !== 0) throw new Error(describe(applied));
}
