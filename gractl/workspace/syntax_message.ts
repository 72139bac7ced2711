/** What is wrong and what to do, for each code of the `yaml` package. Its own messages quote the text, which may be a secret. */
const MESSAGES: Readonly<Record<string, string>> = {
  BAD_ALIAS: "names an alias (`*name`) that is not there; write the value out",
  BAD_DQ_ESCAPE: 'has an unknown escape in "…"; write \\\\ for a backslash, or use single quotes',
  BAD_INDENT: "is indented otherwise than its neighbours; use two spaces for each level",
  BAD_SCALAR_START: "has a value that begins with a character of YAML's own; write it in quotes",
  BLOCK_AS_IMPLICIT_KEY:
    'has a second ": " in one value; write the value in quotes, or indent the next line as its neighbours',
  DUPLICATE_KEY: "stands twice; keep one of them",
  KEY_OVER_1024_CHARS: "is a key without end; write `key: value`",
  MISSING_CHAR: "lacks a closing quote, bracket or colon, here or in a line above; add it",
  MULTILINE_IMPLICIT_KEY: "is no `key: value` line; write one, or put quotes around a text of several lines",
  MULTIPLE_DOCS: "begins a second document; keep one to a file, without `---` between them",
  NON_STRING_KEY: "has a key that is no text; write it in quotes",
  RESOURCE_EXHAUSTION: "is nested too deeply; make it flat",
  TAB_AS_INDENT: "is indented by a tab; use two spaces for each level",
  TAG_RESOLVE_FAILED: "has a tag (`!name`); remove it",
  UNEXPECTED_TOKEN: "holds something that does not belong here; check quotes, brackets and indentation",
};

export function syntaxMessage(code: string): string {
  return MESSAGES[code] ?? "is not YAML; check quotes, brackets and indentation";
}

/** For a quote that is opened and never closed, where it is opened. */
export const OPEN_QUOTE = "opens a quote that does not end; close it at the end of the text";
