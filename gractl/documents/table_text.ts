import type { Style } from "../ui/style.ts";
import { printable } from "../ui/printable.ts";
import { truncate, width } from "../ui/width.ts";
import type { Table } from "./table.ts";
import { cellTexts, isNumeric, isProse } from "./table_cells.ts";

/** A table with more rows is shown by its first and last ones. */
const MAX_ALL_ROWS = 60;
const FIRST_ROWS = 20;
const LAST_ROWS = 5;
/** Longest cell where no terminal bounds the line. */
const MAX_CELL_COLUMNS = 200;
/** Cells of text are not made narrower than this to fit more columns into a line. */
const MIN_CELL_COLUMNS = 16;
/** A table that does not fit into the width is broken into several blocks of columns, up to so many lines; else columns are left out. */
const MAX_BLOCK_LINES = 120;
const GAP = "  ";

export type TableTextOptions = Readonly<{
  /** Width of the terminal; `undefined` where lines may have any length: then no column is left out. */
  columns: number | undefined;
  style: Style;
}>;

/** A column as it is shown: heading and cells, all of one width. */
type Shown = Readonly<{
  heading: string;
  cells: readonly string[];
  width: number;
  right: boolean;
  /** Cells may be shortened to fit: numbers and instants must not. */
  isProse: boolean;
}>;

/** A table for people: aligned columns, then how much of it is not shown. */
export function tableText(table: Table, options: TableTextOptions): string {
  const { rows, gapAt } = shownRows(table);
  const maxCell = options.columns === undefined
    ? MAX_CELL_COLUMNS
    : Math.max(MIN_CELL_COLUMNS, options.columns >> 1);
  const all = table.columns.map(({ name, type }, at): Shown => {
    const texts = cellTexts(rows.map((row) => row[at]!), type).map((text) => fit(text, maxCell));
    if (gapAt !== undefined) texts.splice(gapAt, 0, "…");
    const heading = fit(printable(name), maxCell);
    const widest = texts.reduce((most, text) => Math.max(most, width(text)), width(heading));
    return { heading, cells: texts, width: widest, right: isNumeric(type), isProse: isProse(type) };
  });
  const { blocks, left } = arrange(all, { index: table.indexColumns, columns: options.columns });
  const text = blocks.map((block) => blockText(block, options.style)).join("\n\n");
  const hidden = table.columnCount - table.columns.length + left;
  const footer = footerOf(table, { cutRows: gapAt !== undefined, hidden, split: blocks.length > 1 });
  return [text, ...footer.map((line) => options.style.dim(line))].filter((part) => part !== "").join("\n");
}

/** The rows that are shown, and before which of them others are left out. */
function shownRows({ rows, lastRows, rowCount }: Table): { rows: Table["rows"]; gapAt: number | undefined } {
  if (rowCount === rows.length && rows.length <= MAX_ALL_ROWS) return { rows, gapAt: undefined };
  const first = rows.slice(0, FIRST_ROWS);
  if (rowCount === null) return { rows: first, gapAt: first.length };
  // Where all rows are there, the last ones are among them.
  const end = lastRows.length > 0 ? lastRows : rows.length === rowCount ? rows.slice(FIRST_ROWS) : [];
  const last = end.slice(-LAST_ROWS);
  const whole = first.length + last.length === rowCount;
  return { rows: [...first, ...last], gapAt: whole ? undefined : first.length };
}

function fit(text: string, columns: number): string {
  return width(text) <= columns ? text : `${truncate(text, columns - 1)}…`;
}

/** The columns as blocks that fit into the width, the index in each; `left` is how many columns are in none. */
function arrange(
  all: readonly Shown[],
  { index, columns }: { index: number; columns: number | undefined },
): { blocks: Shown[][]; left: number } {
  if (columns === undefined || lineWidth(all) <= columns) return { blocks: [[...all]], left: 0 };
  const narrow = all.map((column) => narrowed(column, MIN_CELL_COLUMNS));
  if (lineWidth(narrow) <= columns) return { blocks: [narrow], left: 0 };
  const [keys, values] = [all.slice(0, index), all.slice(index)];
  const blocks: Shown[][] = [];
  let block = [...keys];
  for (const column of values) {
    if (block.length > keys.length && lineWidth([...block, column]) > columns) {
      blocks.push(block);
      block = [...keys];
    }
    block.push(column);
  }
  blocks.push(block);
  const lines = (all[0]?.cells.length ?? 0) + 2;
  const shown = blocks.slice(0, Math.max(1, Math.floor(MAX_BLOCK_LINES / lines)));
  const left = blocks.slice(shown.length).reduce((sum, each) => sum + each.length - keys.length, 0);
  return { blocks: shown, left };
}

function lineWidth(columns: readonly Shown[]): number {
  return columns.reduce((sum, column) => sum + column.width, GAP.length * Math.max(0, columns.length - 1));
}

function narrowed(column: Shown, columns: number): Shown {
  if (!column.isProse || column.width <= columns) return column;
  const heading = fit(column.heading, columns);
  const cells = column.cells.map((cell) => fit(cell, columns));
  return { ...column, heading, cells, width: columns };
}

function blockText(block: readonly Shown[], style: Style): string {
  const line = (textOf: (column: Shown) => string) =>
    block.map((column) => {
      const text = textOf(column);
      const pad = " ".repeat(Math.max(0, column.width - width(text)));
      return column.right ? pad + text : text + pad;
    }).join(GAP).trimEnd();
  const rows = Array.from(
    { length: block[0]?.cells.length ?? 0 },
    (_, at) => line((column) => column.cells[at]!),
  );
  return [style.dim(line((column) => column.heading)), ...rows].join("\n");
}

function footerOf(
  { rows, rowCount, columnCount, indexColumns }: Table,
  { cutRows, hidden, split }: { cutRows: boolean; hidden: number; split: boolean },
): string[] {
  const empty = rows.length === 0;
  if (!cutRows && hidden === 0 && !split && !empty) return [];
  const values = columnCount - indexColumns;
  const count = rowCount === null ? "more rows" : `${group(rowCount)} ${rowCount === 1 ? "row" : "rows"}`;
  const size = `[${count} × ${group(values)} ${values === 1 ? "column" : "columns"}]`;
  return hidden === 0 ? [size] : [
    size,
    `[${group(hidden)} of the columns ${
      hidden === 1 ? "is" : "are"
    } not shown: select the ones that you need]`,
  ];
}

function group(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}
