import { basename } from "node:path";
import { Document, type Pair } from "yaml";
import { shellCommand } from "../../shared/shell_quote.ts";
import { GradError } from "../../shared/errors.ts";
import type { Ids } from "../../shared/ids.ts";
import { checkName } from "../../shared/names.ts";
import { writeDestination } from "../confined/destination.ts";
import type { DatasetFile } from "./dataset_file.ts";
import { API_VERSION } from "./header_schema.ts";
import { datasetPath } from "./load_datasets.ts";
import { parseDataset } from "./parse_dataset.ts";
import { typeNamed } from "../datasets/sources/source_registry.ts";
import type { Fields } from "../datasets/sources/source_type.ts";
import type { Workspace } from "./workspace.ts";

/** The fields of a new dataset file, without those that every file has. */
export type NewDataset = Readonly<
  { name: string; description: string; type: string; access: string; fields: Fields }
>;

/**
 * Writes the file of a new dataset.
 *
 * @throws {GradError} `invalid_name`, `dataset_exists`, `invalid_argument` with all faults, each after the option that caused it
 */
export async function addDataset(workspace: Workspace, added: NewDataset, ids: Ids): Promise<DatasetFile> {
  const file = datasetPath(workspace.dir, checkName("dataset", added.name));
  const text = datasetFileText(added);
  const { dataset, faults } = await parseDataset(new TextEncoder().encode(text), {
    file,
    home: workspace.home,
  });
  if (dataset === undefined) {
    const lines = faults.map(({ key, message }) => `${optionOf(added.type, key)}: ${message}`);
    const message = `Cannot add the dataset "${added.name}": ${
      lines.length === 1 ? lines[0] : `\n${lines.join("\n")}`
    }`;
    throw new GradError("invalid_argument", message, { hint: "Correct the options; nothing was written." });
  }
  try {
    const to = { root: workspace.dir, path: ["datasets", basename(file)] } as const;
    writeDestination(to, text, { ids, exclusive: true });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AlreadyExists)) throw cause;
    throw new GradError(
      "dataset_exists",
      `Cannot add the dataset "${added.name}": "${file}" exists already`,
      {
        hint: `Edit the file, or remove it with ${shellCommand`gractl dataset remove ${added.name}`} first.`,
        cause,
      },
    );
  }
  return dataset;
}

/** The text of a dataset file, with its keys in the order in which people read them. */
export function datasetFileText({ name, description, type, access, fields }: NewDataset): string {
  const { credentials, ...source } = fields;
  const document = new Document({
    apiVersion: API_VERSION,
    kind: "Dataset",
    name,
    ...(description === "" ? {} : { description }),
    type,
    ...source,
    access,
    ...(credentials === undefined ? {} : { credentials }),
  }, { aliasDuplicateObjects: false });
  document.commentBefore =
    ` Code finds this dataset at /workspace/data/${name}. Never write keys (passwords) into this file.`;
  for (
    const pair
      of (document.contents as unknown as { items: Pair<{ value: string; spaceBefore?: boolean }>[] }).items
  ) {
    if (["name", "type", "access"].includes(pair.key.value)) pair.key.spaceBefore = true;
  }
  return document.toString({ lineWidth: 0 });
}

/** The option that sets a key: "--bucket" for "s3.bucket". Keys without an option are returned unchanged. */
function optionOf(type: string, key: string): string {
  const flags = typeNamed(type)?.options.find(({ path }) => path.join(".") === key)?.flags;
  if (flags !== undefined) return flags.split(" ")[0]!;
  return ["name", "description", "type", "access"].includes(key) ? `--${key}` : key;
}
