import { type Document, isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import { decodeUtf8 } from "./decode_utf8.ts";
import { type Fault, orderFaults } from "./fault.ts";
import { OPEN_QUOTE, syntaxMessage } from "./syntax_message.ts";

export type Path = readonly (string | number)[];

/** A YAML file that could be read as one mapping; its faults, if any, do not stand in the way of looking further. */
export type YamlFile = Readonly<{
  file: string;
  text: string;
  document: Document.Parsed;
  /** Plain objects, for a schema. */
  value: unknown;
  /** Whether the key is there, with or without a value. */
  has(path: Path): boolean;
  /** A fault at a key or, where it is not there, at the nearest one above; `of` the value where it has one. */
  fault(path: Path, message: string, of: "key" | "value"): Fault;
}>;

/** Larger than any file that a person writes here. */
export const MAX_BYTES = 1024 * 1024;

/** Faults after which the rest of a file can still be trusted to be what was meant. */
const HARMLESS: ReadonlySet<string> = new Set(["DUPLICATE_KEY"]);

/** Reads one YAML mapping. `yaml` is absent where the text is not one; then the faults say why. */
export function readYaml(file: string, bytes: Uint8Array): { yaml?: YamlFile; faults: readonly Fault[] } {
  const at = (line: number, column: number, key: string, message: string): Fault => ({
    file,
    line,
    column,
    key,
    message,
  });
  if (bytes.length > MAX_BYTES) return { faults: [at(1, 1, "", "is larger than 1 MiB; shorten it")] };
  const decoded = decodeUtf8(bytes);
  if ("line" in decoded) {
    return { faults: [at(decoded.line, decoded.column, "", "is not UTF-8; save the file as UTF-8")] };
  }
  const { text } = decoded;

  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    // Before the first line break the counter knows no line.
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const syntax = [...document.errors, ...document.warnings].map((error): Fault => {
    const open = error.code === "MISSING_CHAR" ? openQuote(text) : undefined;
    const { line, column } = place(open ?? error.pos[0]);
    return at(
      line,
      column,
      keyOfLine(text, line),
      open === undefined ? syntaxMessage(error.code) : OPEN_QUOTE,
    );
  });
  const stop = document.errors.some((error) => !HARMLESS.has(error.code)) || document.warnings.length > 0;
  if (stop) return { faults: firstOfEachLine(syntax) };

  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return { faults: [at(1, 1, "", "is empty; write it anew or delete it")] };
  }
  if (!isMap(document.contents)) {
    return { faults: [at(1, 1, "", "is not a mapping; write `key: value` lines")] };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch {
    return { faults: [at(1, 1, "", "has too many aliases (`*name`); write the values out")] };
  }
  const yaml: YamlFile = {
    file,
    text,
    document,
    value,
    has: (path) => document.hasIn(path),
    fault(path, message, of) {
      const { line, column } = place(offsetOf(document.contents as Node, path, of));
      return at(line, column, path.join("."), message);
    },
  };
  return { yaml, faults: orderFaults(syntax) };
}

/** Where a path leads; the deepest key that is there, or the start of the mapping. */
function offsetOf(root: Node, path: Path, of: "key" | "value"): number {
  let [node, offset]: [unknown, number] = [root, root.range?.[0] ?? 0];
  for (const [depth, step] of path.entries()) {
    const pair = isMap(node)
      ? node.items.find((each) => isScalar(each.key) && each.key.value === step)
      : undefined;
    if (pair === undefined) return offset;
    offset = (pair.key as Node).range?.[0] ?? offset;
    const value = pair.value as Node | null;
    const empty = value === null || (isScalar(value) && value.source === "");
    if (of === "value" && depth === path.length - 1 && !empty) return value.range?.[0] ?? offset;
    node = value;
  }
  return offset;
}

/** Where the first value begins whose quote does not end in its line; the parser notices only at the end of the file. */
function openQuote(text: string): number | undefined {
  let offset = 0;
  for (const line of text.split("\n")) {
    const [, before = "", quote = "", rest = ""] = /^([^"'#]*:\s+)(["'])(.*)$/.exec(line) ?? [];
    if (quote !== "" && !rest.replaceAll(/\\./g, "").includes(quote)) return offset + before.length;
    offset += line.length + 1;
  }
  return undefined;
}

/** What a line sets, for faults of syntax. */
function keyOfLine(text: string, line: number): string {
  const found = /^[\s-]*["']?([\w-]{1,40})["']?\s*:(\s|$)/.exec(text.split(/\r?\n/)[line - 1] ?? "");
  return found?.[1] ?? "";
}

/** The parser tells what follows from a fault as further faults. */
function firstOfEachLine(faults: readonly Fault[]): readonly Fault[] {
  const seen = new Set<number>();
  return orderFaults(faults).filter(({ line }) => seen.has(line) ? false : seen.add(line));
}
