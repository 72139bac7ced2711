import { printable } from "../ui/printable.ts";
import type { TableCell } from "./table.ts";

/** Of floating-point numbers; all digits are in the document. */
const MAX_DECIMALS = 6;
const PLAIN_BELOW = 1e15;
const PLAIN_FROM = 1e-4;

/** Whether values of this type are aligned to the right. */
export function isNumeric(type: string): boolean {
  return /^(?:u?int\d|float|decimal)/.test(type);
}

/** Whether values of this type are texts of any length, which may be shortened where there is no space. */
export function isProse(type: string): boolean {
  return !isNumeric(type) && !/^(?:bool|date|time|duration|interval)/.test(type);
}

/** The cells of a column as text in one line each, safe to show. All numbers of a column have the same number of decimals. */
export function cellTexts(cells: readonly TableCell[], type: string): string[] {
  if (type.startsWith("float")) {
    const format = numberFormat(cells.filter((cell) => typeof cell === "number"));
    return cells.map((cell) => typeof cell === "number" ? format(cell) : plainText(cell));
  }
  if (type.startsWith("timestamp")) {
    const midnight = cells.every((cell) => cell === null || /T00:00:00$/.test(String(cell)));
    return cells.map((cell) => {
      const text = plainText(cell);
      return midnight ? text.replace(/T00:00:00$/, "") : text.replace("T", " ");
    });
  }
  return cells.map(plainText);
}

function plainText(cell: TableCell): string {
  return printable(typeof cell === "string" ? cell : JSON.stringify(cell));
}

/** Fixed decimals, as many as the values need; powers of ten where a value would be long or would vanish. */
function numberFormat(numbers: readonly number[]): (value: number) => string {
  const sizes = numbers.filter((value) => value !== 0).map(Math.abs);
  if (
    sizes.some((size) => size >= PLAIN_BELOW) ||
    (sizes.length > 0 && sizes.every((size) => size < PLAIN_FROM))
  ) {
    return (value) => value.toExponential(MAX_DECIMALS - 1);
  }
  const decimals = Math.max(1, ...numbers.map(decimalsOf));
  return (value) => value.toFixed(decimals);
}

function decimalsOf(value: number): number {
  return /\.(\d*?)0*$/.exec(value.toFixed(MAX_DECIMALS))?.[1]?.length ?? 0;
}
