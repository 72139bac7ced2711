import { GradError } from "../../shared/errors.ts";

/** What is wrong in a file of the workspace, and what to do, never quoting a value. */
export type Fault = Readonly<{
  /** As it is to be shown. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
  /** "s3.bucket"; empty where it is no key's fault. */
  key: string;
  /** What is wrong; what to do. */
  message: string;
}>;

/** More of one file help nobody: they tend to follow from the first. */
const MAX_OF_ONE_FILE = 20;

export function renderFault({ file, line, column, key, message }: Fault): string {
  return `${file}:${line}:${column}: ${key === "" ? "" : `${key}: `}${message}`;
}

/** One file's faults as they stand in it, one for each place and key. */
export function orderFaults(faults: readonly Fault[]): readonly Fault[] {
  const seen = new Set<string>();
  return [...faults].sort((a, b) => a.line - b.line || a.column - b.column).filter((fault) => {
    const place = `${fault.line}:${fault.column}:${fault.key}`;
    return seen.has(place) ? false : seen.add(place);
  });
}

/** All faults, as the one error that a command ends with. */
export function invalidFiles(faults: readonly Fault[]): GradError {
  const files = Map.groupBy(faults, (fault) => fault.file);
  const lines = [...files].flatMap(([file, all]) => {
    const shown = all.slice(0, MAX_OF_ONE_FILE).map(renderFault);
    return all.length === shown.length ? shown : [...shown, `${file}: and ${all.length - shown.length} more`];
  });
  const count = (number: number, word: string) => `${number} ${word}${number === 1 ? "" : "s"}`;
  const summary = `Cannot use ${files.size === 1 ? "a file" : `${files.size} files`} of the workspace: ${
    count(faults.length, "fault")
  }`;
  return new GradError("invalid_file", [summary, ...lines].join("\n"), {
    hint: "Mend these places, then run `gractl workspace status`, which reads all files and changes nothing.",
  });
}
