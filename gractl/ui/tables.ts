import { printable } from "./printable.ts";
import type { Style } from "./style.ts";
import { truncate, width } from "./width.ts";

export type Cell = string | number | undefined;

const GAP = "  ";

function cellText(cell: Cell): string {
  return cell === undefined || cell === "" ? "-" : printable(String(cell));
}

/** Texts are not cut to less: a line of many columns may then be too long all the same. */
const MIN_CELL_COLUMNS = 8;

/**
 * A table: each column as wide as its widest cell, numbers aligned to the right. On a terminal the widest texts are cut until lines fit, those
 * of the first column last: it names the thing. `empty` is the text when there are no rows.
 */
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
  fit(widths, options.style.columns);
  const line = (cells: readonly string[], row?: readonly Cell[]) =>
    cells.map((cell, at) => {
      const text = cut(cell, widths[at]!);
      const pad = " ".repeat(widths[at]! - width(text));
      return typeof row?.[at] === "number" ? pad + text : text + pad;
    }).join(GAP).trimEnd();
  return [options.style.dim(line(headings)), ...texts.map((cells, at) => line(cells, rows[at]))].join("\n");
}

/** Makes the widest columns narrower until a line fits. */
function fit(widths: number[], columns = Infinity): void {
  const over = () => widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1)) - columns;
  for (const candidates of [widths.slice(1), widths]) {
    while (over() > 0) {
      const widest = Math.max(...candidates);
      if (widest <= MIN_CELL_COLUMNS) break;
      const at = widths.lastIndexOf(widest);
      const next = Math.max(MIN_CELL_COLUMNS, ...candidates.filter((each) => each < widest));
      widths[at] = Math.max(next, widest - over());
      candidates[candidates.lastIndexOf(widest)] = widths[at]!;
    }
  }
}

function cut(text: string, columns: number): string {
  return width(text) <= columns ? text : `${truncate(text, columns - 1)}…`;
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
