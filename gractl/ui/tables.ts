import { printable } from "./printable.ts";
import type { Style } from "./style.ts";
import { width } from "./width.ts";

export type Cell = string | number | undefined;

function cellText(cell: Cell): string {
  return cell === undefined || cell === "" ? "-" : printable(String(cell));
}

/** A table: each column as wide as its widest cell, numbers aligned to the right. `empty` is the text when there are no rows. */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  options: { style: Style; empty: string },
): string {
  if (rows.length === 0) return options.empty;
  const texts = rows.map((row) => headings.map((_, at) => cellText(row[at])));
  const widths = headings.map((heading, at) =>
    Math.max(width(heading), ...texts.map((row) => width(row[at]!)))
  );
  const line = (cells: readonly string[], row?: readonly Cell[]) =>
    cells.map((cell, at) => {
      const pad = " ".repeat(widths[at]! - width(cell));
      return typeof row?.[at] === "number" ? pad + cell : cell + pad;
    }).join("  ").trimEnd();
  return [options.style.dim(line(headings)), ...texts.map((cells, at) => line(cells, rows[at]))].join("\n");
}

/** One line for each name and its value; a field without a value is left out. */
export function renderFields(
  fields: readonly (readonly [name: string, value: Cell])[],
  style: Style,
): string {
  const shown = fields.filter(([, value]) => value !== undefined && value !== "");
  const widest = Math.max(0, ...shown.map(([name]) => width(name)));
  return shown.map(([name, value]) =>
    `${style.dim(`${name}:`)}${" ".repeat(widest - width(name))}  ${cellText(value)}`
  ).join("\n");
}
