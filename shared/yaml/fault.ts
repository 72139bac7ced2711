import { GradError } from "../errors.ts";

/** A mistake in a file that people write: of the workspace, a context, or grad's configuration. No part of it quotes a value of the file. */
export type Fault = Readonly<{
  /** The path to show. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
  /** The key, such as "s3.bucket"; empty where the fault belongs to no key. */
  key: string;
  /** What is wrong, and after a semicolon what to do. */
  message: string;
}>;

/** Faults shown of one file: further ones are mostly consequences of the first. */
const MAX_PER_FILE = 20;
/** Files of which faults are shown. */
const MAX_FILES = 50;

export function renderFault({ file, line, column, key, message }: Fault): string {
  return `${file}:${line}:${column}: ${key === "" ? "" : `${key}: `}${message}`;
}

/** Faults of one file in the order of their positions, without a second one for the same position and key. */
export function orderFaults(faults: readonly Fault[]): readonly Fault[] {
  const seen = new Set<string>();
  return [...faults].sort((a, b) => a.line - b.line || a.column - b.column).filter((fault) => {
    const position = `${fault.line}:${fault.column}:${fault.key}`;
    return seen.has(position) ? false : seen.add(position);
  });
}

/** Whose files an error is about, for its message and its hint. */
export type FileOwner = Readonly<{ files: string; hint: string }>;

const WORKSPACE: FileOwner = {
  files: "of the workspace",
  hint: "Correct the files, then check them with `gractl workspace status`.",
};

/** One error for all faults. */
export function invalidFiles(faults: readonly Fault[], owner: FileOwner = WORKSPACE): GradError {
  const files = Map.groupBy(faults, (fault) => fault.file);
  const lines = [...files].slice(0, MAX_FILES).flatMap(([file, all]) => {
    const shown = all.slice(0, MAX_PER_FILE).map(renderFault);
    return all.length === shown.length ? shown : [...shown, `${file}: and ${all.length - shown.length} more`];
  });
  if (files.size > MAX_FILES) lines.push(`and faults in ${files.size - MAX_FILES} more files`);
  const summary = `Cannot use ${files.size === 1 ? "a file" : `${files.size} files`} ${owner.files}: ${
    faults.length === 1 ? "1 fault" : `${faults.length} faults`
  }`;
  return new GradError("invalid_file", [summary, ...lines].join("\n"), { hint: owner.hint });
}
