import type { DatasetFile } from "./dataset_file.ts";
import { typeOf } from "./sources/registry.ts";
import { textFields } from "./text_table.ts";

/** Where code finds a dataset. */
export function mountPath(name: string): string {
  return `/workspace/data/${name}`;
}

/** The fields of kind Dataset: those of its file, the file itself, and where code finds it. No key stands in it. */
export function datasetFields(dataset: DatasetFile): Readonly<Record<string, unknown>> {
  const { name, description, access, file, source } = dataset;
  const credentials = typeOf(source).credentials(source);
  const place = Object.entries(source).filter(([key]) => key !== "type" && key !== "credentials");
  return {
    name,
    description,
    type: source.type,
    [source.type]: Object.fromEntries(place),
    access,
    ...(credentials === undefined ? {} : { credentials }),
    path: mountPath(name),
    file,
  };
}

export function datasetText(dataset: DatasetFile): string {
  const { name, description, access, file, source } = dataset;
  return textFields([
    ["Name", name],
    ["Description", description || "(none)"],
    ["Type", source.type],
    ...typeOf(source).details(source),
    ["Access", access],
    ["In code", mountPath(name)],
    ["File", file],
  ]);
}
