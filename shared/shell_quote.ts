/** Words that no shell reads as anything else. "~" and, in zsh, "=" mean something at the beginning. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/** What cannot be shown within a command as it is: control characters and what takes no space, and the backtick, which ends it. */
const UNSHOWN = /[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}`]/u;

/**
 * A word for a command that people and agents copy into a shell: quoted unless it is plain. In quotes nothing is expanded or run.
 * A word with control characters or backticks is written as `$'…'` with their bytes in octal, which bash, zsh and ksh read.
 */
export function shellQuote(word: string): string {
  if (PLAIN.test(word)) return word;
  if (!UNSHOWN.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  return `$'${Array.from(word, octal).join("")}'`;
}

function octal(character: string): string {
  if (character === "'" || character === "\\") return `\\${character}`;
  if (!UNSHOWN.test(character)) return character;
  return Array.from(new TextEncoder().encode(character), (byte) => `\\${byte.toString(8).padStart(3, "0")}`)
    .join("");
}

/**
 * A command for a hint, in backticks, each value as one word: shellCommand`gractl file get ${path}`. Agents run such commands, and a value
 * may be the name of a file that code has made. A lint rule demands it wherever text has a command with a value.
 */
export function shellCommand(texts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return `\`${String.raw({ raw: texts }, ...values.map((value) => shellQuote(String(value))))}\``;
}
