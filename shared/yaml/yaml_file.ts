import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Pair,
  parseDocument,
  type Scalar,
} from "yaml";
import { decodeUtf8 } from "./decode_utf8.ts";
import { type Fault, orderFaults } from "./fault.ts";
import { MAX_BYTES } from "./read_start.ts";
import { OPEN_QUOTE, syntaxMessage } from "./syntax_message.ts";

export type Path = readonly (string | number)[];

/** A YAML file that was parsed as one mapping. */
export type YamlFile = Readonly<{
  file: string;
  text: string;
  document: Document.Parsed;
  /** The mapping as plain objects, for a schema. */
  value: unknown;
  /** Whether the key exists, with or without a value. */
  has(path: Path): boolean;
  /** A fault at a key or its value; where the key does not exist, at its nearest existing parent. */
  fault(path: Path, message: string, at: "key" | "value"): Fault;
}>;

/** Syntax errors after which the rest of the file is still parsed as intended. */
const RECOVERABLE: ReadonlySet<string> = new Set(["DUPLICATE_KEY"]);

/** Parses a YAML mapping. Without `yaml` in the result, the faults state why the text is not one. */
export function readYaml(file: string, bytes: Uint8Array): { yaml?: YamlFile; faults: readonly Fault[] } {
  const faultAt = (line: number, column: number, key: string, message: string): Fault => ({
    file,
    line,
    column,
    key,
    message,
  });
  if (bytes.length > MAX_BYTES) return { faults: [faultAt(1, 1, "", "is larger than 64 KiB; shorten it")] };
  const decoded = decodeUtf8(bytes);
  if ("line" in decoded) {
    return { faults: [faultAt(decoded.line, decoded.column, "", "is not UTF-8; save the file as UTF-8")] };
  }
  const { text } = decoded;

  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const positionOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    // For a text without line breaks the counter returns line 0.
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  // A hostile file has an error in each of thousands of lines: nothing may look at the whole text for each.
  const textLines = text.split("\n");
  const unclosed = openQuote(textLines);
  const syntax = [...document.errors, ...document.warnings].map((error): Fault => {
    const open = error.code === "MISSING_CHAR" ? unclosed : undefined;
    const { line, column } = positionOf(open ?? error.pos[0]);
    return faultAt(
      line,
      column,
      keyOfLine(textLines[line - 1] ?? ""),
      open === undefined ? syntaxMessage(error.code) : OPEN_QUOTE,
    );
  });
  const stop = document.errors.some((error) => !RECOVERABLE.has(error.code)) || document.warnings.length > 0;
  if (stop) return { faults: firstOfEachLine(syntax) };

  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return { faults: [faultAt(1, 1, "", "is empty; write its contents, or delete it")] };
  }
  if (!isMap(document.contents)) {
    return { faults: [faultAt(1, 1, "", "is not a mapping; write `key: value` lines")] };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch {
    return { faults: [faultAt(1, 1, "", "has too many aliases (`*name`); write the values themselves")] };
  }
  const yaml: YamlFile = {
    file,
    text,
    document,
    value,
    has: (path) => pairAt(document.contents, path) !== undefined,
    fault(path, message, target) {
      const { line, column } = positionOf(offsetOf(document.contents as Node, path, target));
      return faultAt(line, column, path.join("."), message);
    },
  };
  return { yaml, faults: orderFaults(syntax) };
}

/** The pairs of a mapping by key, made once: a hostile file has a fault for each of thousands of keys. */
const pairsOfMaps = new WeakMap<object, ReadonlyMap<unknown, Pair>>();

function pairOf(node: unknown, key: string | number): Pair | undefined {
  // An item of a list is at its own position, which it has no key for.
  if (isSeq(node) && typeof key === "number" && node.items[key] !== undefined) {
    return new Pair(node.items[key], node.items[key]);
  }
  if (!isMap(node)) return undefined;
  let pairs = pairsOfMaps.get(node);
  if (pairs === undefined) {
    // The first of equal keys counts.
    pairs = new Map(
      node.items.filter(({ key }) => isScalar(key)).reverse().map((
        pair,
      ) => [(pair.key as Scalar).value, pair]),
    );
    pairsOfMaps.set(node, pairs);
  }
  return pairs.get(key);
}

function pairAt(root: unknown, path: Path): Pair | undefined {
  let node = root;
  let pair: Pair | undefined;
  for (const step of path) {
    pair = pairOf(node, step);
    node = pair?.value;
  }
  return pair;
}

/** Position of a key or its value; where the key does not exist, of its nearest existing parent or the start of the mapping. */
function offsetOf(root: Node, path: Path, target: "key" | "value"): number {
  let [node, offset]: [unknown, number] = [root, root.range?.[0] ?? 0];
  for (const [depth, step] of path.entries()) {
    const pair = pairOf(node, step);
    if (pair === undefined) return offset;
    offset = (pair.key as Node).range?.[0] ?? offset;
    const value = pair.value as Node | null;
    const empty = value === null || (isScalar(value) && value.source === "");
    if (target === "value" && depth === path.length - 1 && !empty) return value.range?.[0] ?? offset;
    node = value;
  }
  return offset;
}

/** Position of the first value whose quote is not closed on its line; the parser reports the end of the file instead. */
function openQuote(lines: readonly string[]): number | undefined {
  let offset = 0;
  for (const line of lines) {
    const [, before = "", quote = "", rest = ""] = /^([^"'#]*:\s+)(["'])(.*)$/.exec(line) ?? [];
    if (quote !== "" && !rest.replaceAll(/\\./g, "").includes(quote)) return offset + before.length;
    offset += line.length + 1;
  }
  return undefined;
}

/** The key on a line, for syntax errors. */
function keyOfLine(line: string): string {
  const found = /^[\s-]{0,200}["']?([\w-]{1,40})["']?\s{0,40}:(\s|$)/.exec(line);
  return found?.[1] ?? "";
}

/** Further errors of the parser on the same line are consequences of the first. */
function firstOfEachLine(faults: readonly Fault[]): readonly Fault[] {
  const seen = new Set<number>();
  return orderFaults(faults).filter(({ line }) => seen.has(line) ? false : seen.add(line));
}
