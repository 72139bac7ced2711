import { basename } from "node:path";
import { GradError } from "../../shared/errors.ts";
import { printable } from "../ui/printable.ts";

/** The first line of code that has several cells. Kernels of ours run them one after the other, each with a result of its own. */
export const CELLS = "%%cells";

/**
 * The code cells of a Jupyter notebook as one piece of code: CELLS, its file and the mark that begins the cells' headings, then each cell
 * below its heading, "# %% 3" for the third code cell. The mark is longer where a cell has such a line itself.
 *
 * @throws {GradError} `invalid_file` for what is no notebook of Python code, `invalid_code` without code cells
 */
export function notebookCode(path: string, bytes: Uint8Array): string {
  const cells = codeCells(path, bytes);
  if (cells.every(({ source }) => source.trim() === "")) {
    throw new GradError("invalid_code", `Cannot run ${JSON.stringify(path)}: it has no code cells`);
  }
  let mark = "# %%";
  while (cells.some(({ source }) => source.includes(mark))) mark += "%";
  const parts = cells.filter(({ source }) => source.trim() !== "").map(({ number, source }) =>
    `${mark} ${number}\n${source.replace(/\n*$/, "\n")}`
  );
  return `${CELLS} ${printable(basename(path))} ${mark}\n${parts.join("")}`;
}

type Cell = Readonly<{ number: number; source: string }>;

function codeCells(path: string, bytes: Uint8Array): readonly Cell[] {
  const notebook = parse(path, bytes);
  const { cells, nbformat, metadata } = notebook;
  if (!Array.isArray(cells) || (typeof nbformat === "number" && nbformat < 4)) {
    throw refusal(path, "it is no notebook of version 4", "Save it anew in Jupyter, or run a .py file.");
  }
  const language = languageOf(metadata);
  if (language !== undefined && language !== "python") {
    throw refusal(path, `its language is ${JSON.stringify(language)}, not Python`);
  }
  return cells.filter((cell) => isRecord(cell) && cell["cell_type"] === "code")
    .map(({ source }, at) => ({ number: at + 1, source: textOf(source) }));
}

function parse(path: string, bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (isRecord(value)) return value;
  } catch {
    // Told below.
  }
  throw refusal(path, "it is no JSON object", "Save it anew in Jupyter.");
}

/** Text in a notebook is one string or a list of lines. */
function textOf(source: unknown): string {
  const lines = Array.isArray(source) ? source : [source];
  return lines.filter((line) => typeof line === "string").join("");
}

function languageOf(metadata: unknown): string | undefined {
  if (!isRecord(metadata)) return undefined;
  const { kernelspec, language_info: info } = metadata;
  const language = isRecord(kernelspec) && kernelspec["language"] || isRecord(info) && info["name"];
  return typeof language === "string" && language !== "" ? language.toLowerCase() : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refusal(path: string, why: string, hint?: string): GradError {
  return new GradError("invalid_file", `Cannot read the notebook ${JSON.stringify(path)}: ${why}`, { hint });
}
