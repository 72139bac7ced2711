import { printableLines } from "../ui/printable.ts";
import type { Style } from "../ui/style.ts";
import { renderFields, renderTable } from "../ui/tables.ts";
import type { DatasetFile } from "../workspace/dataset_file.ts";
import { typeOf } from "../datasets/sources/source_registry.ts";
import type { ItemFields } from "./schema/documents.ts";

/** The path at which code finds a dataset. */
export function mountPath(name: string): string {
  return `/workspace/data/${name}`;
}

/** Fields of kind Dataset: those of its file, the path of the file, and the path for code. They contain no keys. */
export function datasetFields(dataset: DatasetFile): ItemFields<"DatasetList"> {
  const { name, description, access, file, source } = dataset;
  const credentials = typeOf(source).credentials(source);
  const location = Object.entries(source).filter(([key]) => key !== "type" && key !== "credentials");
  return {
    name,
    description,
    type: source.type,
    // TypeScript does not check a computed key; tests compare the document with its schema.
    [source.type]: Object.fromEntries(location),
    access,
    ...(credentials === undefined ? {} : { credentials }),
    path: mountPath(name),
    file,
  };
}

/** The same as text. The description, which may be long, is at the end. */
export function datasetText(dataset: DatasetFile, style: Style): string {
  const { name, description, access, file, source } = dataset;
  const fields = renderFields([
    ["Name", name],
    ["Type", source.type],
    ...typeOf(source).details(source),
    ["Access", access],
    ["In code", mountPath(name)],
    ["File", file],
  ], style);
  return description === "" ? fields : `${fields}\n\n${printableLines(description.trimEnd())}`;
}

/** Datasets as a table, with the first line of each description. */
export function datasetTable(datasets: readonly DatasetFile[], style: Style): string {
  const rows = datasets.map(({ name, source, access, description }) => [
    name,
    source.type,
    typeOf(source).location(source),
    access,
    description.split("\n")[0]!,
  ]);
  return renderTable(["NAME", "TYPE", "LOCATION", "ACCESS", "DESCRIPTION"], rows, {
    style,
    empty: "No datasets. Add one with `gractl dataset add NAME s3://BUCKET/PREFIX`.",
  });
}
