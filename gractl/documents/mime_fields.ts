import { parseExactly } from "./exact_json.ts";
import type { MimeBundle, MimePart } from "../client/executions.ts";

/** Longest text of one representation of a result; longer text is shortened in the middle. */
const MAX_TEXT_CHARACTERS = 64 * 1_024;

/** Whether the data is all of the part: of a long text it may be the beginning and the end. */
export function isWhole({ data, bytes }: MimePart): boolean {
  return data.length >= bytes;
}

export type MimeFields = Readonly<Record<string, unknown>>;

/** Saves a part of a result on this machine; returns its path, or `undefined` where it was not saved. */
export type SavePart = (part: MimePart) => Promise<string | undefined>;

const isText = (type: string) =>
  type.startsWith("text/") || type === "image/svg+xml" || type === "application/javascript";
const isJson = (type: string) => type === "application/json" || type.endsWith("+json");

/** The representations of a result by media type: text as a string, JSON as a value, others as files. `cut` where something is omitted. */
export async function mimeFields(
  bundle: MimeBundle,
  save: SavePart,
): Promise<{ mime: MimeFields; characters: number; cut: boolean }> {
  const mime: Record<string, unknown> = {};
  let characters = 0;
  let cut = false;
  for (const part of bundle.parts) {
    const inline = part.data.length === 0 && part.bytes > 0 ? undefined : inlineOf(part, isWhole(part));
    if (inline === undefined) {
      cut ||= isText(part.mediaType) || isJson(part.mediaType);
      mime[part.mediaType] = await fileOf(part, save);
      continue;
    }
    mime[part.mediaType] = inline.value;
    characters += inline.characters;
    cut ||= inline.cut;
  }
  return { mime, characters, cut };
}

function inlineOf(
  part: MimePart,
  whole: boolean,
): { value: unknown; characters: number; cut: boolean } | undefined {
  if (isJson(part.mediaType)) {
    if (part.data.length > MAX_TEXT_CHARACTERS) return undefined;
    const text = new TextDecoder().decode(part.data);
    try {
      return { value: parseExactly(text), characters: text.length, cut: false };
    } catch {
      return { value: text, characters: text.length, cut: false };
    }
  }
  if (!isText(part.mediaType)) return undefined;
  const text = new TextDecoder().decode(part.data);
  if (text.length <= MAX_TEXT_CHARACTERS) return { value: text, characters: text.length, cut: !whole };
  const half = MAX_TEXT_CHARACTERS / 2;
  const omitted = text.length - MAX_TEXT_CHARACTERS;
  const kept = part.path === "" ? "" : `, ${part.path} has all of it`;
  const value = `${text.slice(0, half)}\n[… ${omitted} characters omitted${kept} …]\n${text.slice(-half)}`
    .toWellFormed();
  return { value, characters: value.length, cut: true };
}

async function fileOf(part: MimePart, save: SavePart): Promise<MimeFields> {
  const localPath = await save(part) ?? null;
  return { path: part.path === "" ? null : part.path, localPath, bytes: part.bytes };
}
