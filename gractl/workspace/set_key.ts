import { Document, isMap, isScalar, type Node, parseDocument } from "yaml";

/**
 * Sets a key of a YAML mapping by replacing only the text of its value: comments, quotes, order and line ends of everything else do
 * not change. A missing key is added at the end.
 *
 * @returns the new text; `undefined` where the text is not a mapping or the current value is not a scalar
 */
export function setKey(text: string, key: string, value: string): string | undefined {
  const document = parseDocument(text, { keepSourceTokens: true, prettyErrors: false });
  if (!isMap(document.contents)) return undefined;
  // A value of several lines would become an indented block; a JSON string is valid YAML on one line.
  const singleLine = !value.includes("\n");
  const written = singleLine
    ? new Document(value).toString({ lineWidth: 0 }).trimEnd()
    : JSON.stringify(value);
  const pair = document.contents.items.find((each) => isScalar(each.key) && each.key.value === key);
  if (pair === undefined) {
    const end = text.includes("\r\n") ? "\r\n" : "\n";
    const gap = text === "" || text.endsWith("\n") ? "" : end;
    return `${text}${gap}${key}: ${written}${end}`;
  }
  const node = pair.value;
  if (!isScalar(node)) return undefined;
  const [start, valueEnd] = (node as Node).range ?? [];
  if (start === undefined || valueEnd === undefined) return undefined;
  // An empty value has its position directly after the colon.
  const space = node.source === "" && text[start - 1] === ":" ? " " : "";
  const gap = text[valueEnd] === "#" ? " " : "";
  return text.slice(0, start) + space + written + gap + text.slice(valueEnd);
}
