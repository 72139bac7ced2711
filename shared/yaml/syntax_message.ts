/** A message for each error code of the `yaml` package, whose own messages quote the text, which may be a secret. */
const MESSAGES: Readonly<Record<string, string>> = {
  BAD_ALIAS: "refers to an undefined alias (`*name`); write the value itself",
  BAD_DQ_ESCAPE: 'has an unknown escape sequence in "…"; write \\\\ for a backslash, or use single quotes',
  BAD_INDENT: "is not indented like the lines around it; use two spaces for each level",
  BAD_SCALAR_START: "has a value that starts with a special character of YAML; put it in quotes",
  BLOCK_AS_IMPLICIT_KEY:
    'has a second ": " in its value; put the value in quotes, or correct the indentation of the next line',
  DUPLICATE_KEY: "is defined twice; remove one of them",
  KEY_OVER_1024_CHARS: "has a key of more than 1,024 characters; write `key: value`",
  MISSING_CHAR: "lacks a closing quote, bracket or colon, here or in an earlier line; add it",
  MULTILINE_IMPLICIT_KEY: "is not a `key: value` line; correct it, or put text of several lines in quotes",
  MULTIPLE_DOCS: "starts a second YAML document; write one document per file, without `---` lines between",
  NON_STRING_KEY: "has a key that is not text; put it in quotes",
  RESOURCE_EXHAUSTION: "is nested too deeply; use fewer levels",
  TAB_AS_INDENT: "is indented by a tab; use two spaces for each level",
  TAG_RESOLVE_FAILED: "has a tag (`!name`); remove it",
  UNEXPECTED_TOKEN: "contains unexpected text; check quotes, brackets and indentation",
};

export function syntaxMessage(code: string): string {
  return MESSAGES[code] ?? "is not valid YAML; check quotes, brackets and indentation";
}

/** The message at a quote that is never closed. */
export const OPEN_QUOTE = "has an opening quote without a closing one; add it at the end of the text";
