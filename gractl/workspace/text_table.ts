import { printable } from "../ui/printable.ts";

/** Rows as aligned columns; the last is not padded. Cells are shown in one line each. */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows.map((row) => row.map(printable))];
  const widths = header.map((_, at) => Math.max(...all.map((row) => (row[at] ?? "").length)));
  return all.map((row) =>
    row.map((cell, at) => at === row.length - 1 ? cell : cell.padEnd(widths[at]!)).join("  ")
  )
    .map((line) => line.trimEnd()).join("\n");
}

/** Labels and values, one a line; further lines of a value stand below its first. */
export function textFields(fields: readonly (readonly [label: string, value: string])[]): string {
  const width = Math.max(...fields.map(([label]) => label.length)) + 1;
  return fields.map(([label, value]) => {
    const lines = value.trimEnd().split("\n").map((line) => line.split("\t").map(printable).join("\t"));
    return `${`${label}:`.padEnd(width)}  ${lines.join(`\n${" ".repeat(width + 2)}`)}`;
  }).join("\n");
}
