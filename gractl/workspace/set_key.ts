import { Document, isMap, isScalar, type Node, parseDocument } from "yaml";

/**
 * Sets a key of a YAML mapping by changing nothing but its value in the text: comments, quotes, order and line ends of everything
 * else stay byte for byte. A key that is not there is added at the end.
 *
 * @returns `undefined` where the text is no mapping, or the key's value no plain one
 */
export function setKey(text: string, key: string, value: string): string | undefined {
  const document = parseDocument(text, { keepSourceTokens: true, prettyErrors: false });
  if (!isMap(document.contents)) return undefined;
  // Of several lines it would be a block, which must be indented; JSON is YAML too.
  const plain = !value.includes("\n");
  const written = plain ? new Document(value).toString({ lineWidth: 0 }).trimEnd() : JSON.stringify(value);
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
  // An empty value stands directly behind the colon.
  const space = node.source === "" && text[start - 1] === ":" ? " " : "";
  const gap = text[valueEnd] === "#" ? " " : "";
  return text.slice(0, start) + space + written + gap + text.slice(valueEnd);
}
