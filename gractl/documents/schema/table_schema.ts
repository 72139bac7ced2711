import { z } from "zod";
import { count } from "./values.ts";

const row = z.array(z.unknown()).describe(
  "a value for each column: null, boolean, number or string; lists and objects for nested values",
);

/** The document of the media type `application/vnd.gractl.table.v1+json`. */
export const table = z.object({
  source: z.string().max(1_000).describe(
    "class of the value, such as pandas.DataFrame or duckdb.DuckDBPyRelation",
  ),
  columns: z.array(z.object({
    name: z.string().max(1_000).describe("empty where it has none; levels of a name are joined by ' / '"),
    type: z.string().max(1_000).describe(
      "such as int64, float64, str, bool, date, timestamp[us, UTC], list<str>",
    ),
  })).max(2_000).describe("the first columns, those of the index before the others"),
  indexColumns: count.describe("how many of the columns, at the beginning, are the index of a frame"),
  columnCount: count.describe("of the whole table, with the index"),
  rows: z.array(row).max(10_000).describe("from the beginning"),
  lastRows: z.array(row).max(10_000).describe("from the end; they do not overlap with rows"),
  rowCount: count.nullable().describe("of the whole table; null where it was not counted"),
  cutCells: count.describe("how many texts in cells were shortened; each ends with …"),
}).describe("A table that code has shown, bounded: the media type application/vnd.gractl.table.v1+json.");
