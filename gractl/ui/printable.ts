/**
 * Characters that act on a terminal, or change how other text looks, instead of being shown: control characters (C0, DEL, C1), line
 * separators, marks that change the direction of text, and all that takes no space (with them, a name can be made to look like
 * another, or carry text that nobody sees).
 */
const ACTING = /[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{fff9}-\u{fffb}]/gu;

/** Emoji are built of several: a joiner between two, and marks for a colourful shape and for skin. These have no other use there. */
const JOINER = "\u200d";
const EMOJI_SHAPE = "\ufe0f";
// Not one class in brackets: V8 15 does not find those above U+FFFF before the end of a text.
const EMOJI_BEFORE = /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)$/u;
const EMOJI_AFTER = /^\p{Extended_Pictographic}/u;
const SHAPED_BEFORE = /(?:\p{Extended_Pictographic}|[0-9#*])$/u;

/**
 * Makes text from elsewhere (file names, messages, other people's workspaces) safe to show in one line: characters that act on a
 * terminal are shown as escapes.
 */
export function printable(text: string): string {
  return escapeActing(text, "");
}

/** The same for text of several lines, whose line ends and tabs stay. */
export function printableLines(text: string): string {
  return escapeActing(text, "\n\t");
}

/** Shows acting characters as escapes, but those of `passing`. `before` is the end of what stands before the text. */
export function escapeActing(text: string, passing: string, before = ""): string {
  // Made once: for each of many characters it would take time with the square of the length.
  const whole = before + text;
  return text.replaceAll(ACTING, (character, at: number) => {
    if (passing.includes(character) || isOfEmoji(character, whole, before.length + at)) {
      return character;
    }
    return escapeOf(character);
  });
}

function isOfEmoji(character: string, text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 2), at);
  if (character === EMOJI_SHAPE) return SHAPED_BEFORE.test(before);
  return character === JOINER && EMOJI_BEFORE.test(before) && EMOJI_AFTER.test(text.slice(at + 1, at + 3));
}

function escapeOf(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  const hex = character.codePointAt(0)!.toString(16);
  if (hex.length <= 2) return `\\x${hex.padStart(2, "0")}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}

/**
 * JSON with every acting character written as an escape: the same value, safe to show on a terminal. JSON.stringify itself escapes
 * only C0, and line ends between the values stay.
 */
export function printableJson(json: string): string {
  return json.replaceAll(ACTING, (character, at: number) => {
    if (character === "\n" || isOfEmoji(character, json, at)) return character;
    return Array.from(
      { length: character.length },
      (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`,
    ).join("");
  });
}
