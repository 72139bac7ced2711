import { formatSize } from "../../shared/size.ts";
import type { DatasetCheck, Table } from "../client/datasets.ts";
import { printable } from "../ui/printable.ts";
import type { Style } from "../ui/style.ts";
import { renderFields, renderTable } from "../ui/tables.ts";
import type { DatasetFile } from "../workspace/dataset_file.ts";
import { mountPath } from "./dataset_document.ts";
import { typeOf } from "../datasets/sources/source_registry.ts";
import type { DocumentFields } from "./schema/documents.ts";

/** Fields of kind DatasetCheck. */
export function checkFields(dataset: DatasetFile, check: DatasetCheck): DocumentFields<"DatasetCheck"> {
  const { files, bytes, truncated, tables, samplePaths, attached } = check;
  return {
    name: dataset.name,
    type: dataset.source.type,
    path: attached.path || mountPath(dataset.name),
    files,
    bytes,
    truncated,
    tables,
    samplePaths,
  };
}

/** The same as text. */
export function checkText(dataset: DatasetFile, check: DatasetCheck, style: Style): string {
  const { source, name } = dataset;
  const atLeast = check.truncated ? "at least " : "";
  const head = renderFields([
    ["Dataset", name],
    ["Location", typeOf(source).location(source)],
    ["In code", check.attached.path || mountPath(name)],
    ["Files", `${atLeast}${check.files.toLocaleString("en-US")}`],
    ["Size", `${atLeast}${formatSize(check.bytes)}`],
  ], style);
  const samples = check.samplePaths.map((path) => `  ${printable(path)}`);
  const paths = check.tables.length === 0 && samples.length > 0 ? ["", "First files:", ...samples] : [];
  return [head, ...check.tables.flatMap((table) => ["", tableText(table, style)]), ...paths].join("\n");
}

function tableText({ path, files, rows, columns }: Table, style: Style): string {
  const title = `${printable(path)}: ${rows.toLocaleString("en-US")} rows${
    files > 1 ? ` in ${files} files` : ""
  }`;
  const table = columns.map(({ name, type }) => [name, type]);
  return `${title}\n${renderTable(["COLUMN", "TYPE"], table, { style, empty: "(no columns)" })}`;
}
