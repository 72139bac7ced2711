import { basename } from "node:path";
import { NAME } from "../../shared/names.ts";
import type { DatasetFile } from "./dataset_file.ts";
import { datasetSchema, untypedSchema } from "./dataset_schema.ts";
import { type Fault, orderFaults } from "../../shared/yaml/fault.ts";
import { schemaFaults } from "../../shared/yaml/schema_faults.ts";
import { isSecretKey, secretFaults } from "./secrets.ts";
import { type DatasetSource, typeNamed } from "../datasets/sources/source_registry.ts";
import type { Fields } from "../datasets/sources/source_type.ts";
import { readYaml, type YamlFile } from "../../shared/yaml/yaml_file.ts";

export type ParsedDataset =
  | Readonly<{ dataset: DatasetFile; faults: readonly [] }>
  | Readonly<{ dataset: undefined; faults: readonly Fault[] }>;

/**
 * Parses a dataset file. Returns the dataset, or all faults. `file` is its absolute path; relative paths in the file are resolved
 * against its folder.
 */
export async function parseDataset(
  bytes: Uint8Array,
  options: { file: string; home: string | undefined },
): Promise<ParsedDataset> {
  const { yaml, faults: syntax } = readYaml(options.file, bytes);
  if (yaml === undefined) return { dataset: undefined, faults: syntax };
  const { dataset, faults } = await readDataset(yaml, options);
  const all = [...syntax, ...secretFaults(yaml), ...nameFaults(yaml, options.file), ...faults];
  return all.length === 0 && dataset !== undefined
    ? { dataset, faults: [] }
    : { dataset: undefined, faults: orderFaults(all) };
}

async function readDataset(
  yaml: YamlFile,
  { file, home }: { file: string; home: string | undefined },
): Promise<{ dataset?: DatasetFile; faults: readonly Fault[] }> {
  const given = yaml.value as Fields;
  const type = typeNamed(given["type"]);
  if (type === undefined) return { faults: schemaFaults(yaml, await untypedSchema(Object.keys(given))) };
  const schema = await datasetSchema();
  const result = schema.safeParse(given);
  if (!result.success) return { faults: schemaFaults(yaml, schema, isSecretKey) };

  const read = (await type.schema()).read(result.data, { file, home });
  if ("faults" in read) {
    return { faults: read.faults.map(({ path, message }) => yaml.fault(path, message, "value")) };
  }
  const { name, description, access } = result.data;
  return { dataset: { file, name, description, access, source: read.source as DatasetSource }, faults: [] };
}

/** `name` must be the name of the file, by which the dataset is found. Then no two datasets have the same name either. */
function nameFaults(yaml: YamlFile, file: string): readonly Fault[] {
  const stem = basename(file, ".yaml");
  const name = (yaml.value as Fields)["name"];
  if (typeof name !== "string" || !NAME.test(name) || name === stem) return [];
  const remedy = NAME.test(stem)
    ? `write \`name: ${stem}\`, or rename the file to ${name}.yaml`
    : `rename the file to ${name}.yaml`;
  return [yaml.fault(["name"], `differs from the name of the file; ${remedy}`, "value")];
}
