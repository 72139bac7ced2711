/** A value of a table: see docs/tables.md. */
export type TableCell = null | boolean | number | string | readonly TableCell[] | {
  readonly [member: string]: TableCell;
};

export type TableRow = readonly TableCell[];

/** The first and the last rows of a table that code has shown, with its columns: `application/vnd.gractl.table.v1+json`. */
export type Table = Readonly<{
  /** The class of the value, such as pandas.DataFrame. */
  source: string;
  columns: readonly Readonly<{ name: string; type: string }>[];
  /** How many of the columns, at the beginning, are the index of a frame. */
  indexColumns: number;
  /** Of the whole table; `columns` has the first ones. */
  columnCount: number;
  /** From the beginning, a value for each of `columns`. */
  rows: readonly TableRow[];
  /** From the end; they do not overlap with `rows`. */
  lastRows: readonly TableRow[];
  /** Of the whole table; null where it was not counted. */
  rowCount: number | null;
  /** How many texts in cells were shortened. */
  cutCells: number;
}>;

export const TABLE_TYPE = "application/vnd.gractl.table.v1+json";

const MAX_BYTES = 1_024 * 1_024;
const MAX_COLUMNS = 2_000;
const MAX_ROWS = 10_000;
const MAX_NAME_CHARACTERS = 1_000;
const MAX_DEPTH = 8;

/**
 * Reads a table that user code may have made up: whatever is not as docs/tables.md says, or larger, is none. Fields that only a newer
 * kernel writes are ignored.
 */
export function parseTable(bytes: Uint8Array): Table | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { source, columns, indexColumns, columnCount, rows, lastRows, rowCount, cutCells } = value;
  if (!isName(source) || !Array.isArray(columns) || columns.length > MAX_COLUMNS) return undefined;
  if (!columns.every((each) => isRecord(each) && isName(each.name) && isName(each.type))) return undefined;
  if (!isCount(indexColumns) || indexColumns > columns.length) return undefined;
  if (!isCount(columnCount) || columnCount < columns.length || !isCount(cutCells)) return undefined;
  if (!areRows(rows, columns.length) || !areRows(lastRows, columns.length)) return undefined;
  if (rowCount !== null && (!isCount(rowCount) || rowCount < rows.length + lastRows.length)) return undefined;
  if (rowCount === null && lastRows.length > 0) return undefined;
  return { source, columns, indexColumns, columnCount, rows, lastRows, rowCount, cutCells };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_NAME_CHARACTERS;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function areRows(value: unknown, width: number): value is TableRow[] {
  return Array.isArray(value) && value.length <= MAX_ROWS &&
    value.every((row) => Array.isArray(row) && row.length === width && row.every((cell) => isCell(cell, 0)));
}

/** Other values cannot come out of JSON: only how deep they are nested is to be checked. */
function isCell(value: unknown, depth: number): value is TableCell {
  if (typeof value !== "object" || value === null) return true;
  return depth < MAX_DEPTH && Object.values(value).every((item) => isCell(item, depth + 1));
}
