/** Python modules with the constants of shared/: error codes, limits, the version. */

type Constant = number | string | RegExp;

const HEADER = "# Written by tools/generate.ts. DO NOT EDIT.\n";

/**
 * A module with one constant for each export of a TypeScript module, in its order and with its comments. `source` is the text of that
 * module. @throws {Error} for an export without a comment or of another kind
 */
export function constantsModule(
  exports: Readonly<Record<string, unknown>>,
  options: Readonly<{ source: string; from: string }>,
): string {
  const { source, from } = options;
  const documented = [...source.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport const (\w+)/g)];
  const comments = new Map(documented.map(([, comment, name]) => [name!, plainText(comment!)]));
  const names = [...source.matchAll(/^export const (\w+)/gm)].map(([, name]) => name!);
  const lines = names.map((name) => {
    const comment = comments.get(name);
    if (comment === undefined) throw new Error(`${from}: ${name} has no comment`);
    return `${name}: Final = ${literal(exports[name], name)}\n${docstring(comment)}\n`;
  });
  const imports = names.some((name) => exports[name] instanceof RegExp) ? "import re\n" : "";
  return `${HEADER}"""The constants of ${from}. Patterns are for \`fullmatch\`."""\n\n${imports}from typing import Final\n\n${
    lines.join("\n")
  }`;
}

/** The error codes: `ErrorCode` for types, `STATUS` with the gRPC status of each, `REMEDY` with what a user can do. */
export function errorsModule(
  codes: Readonly<Record<string, Readonly<{ status: string; remedy: string }>>>,
): string {
  const names = Object.keys(codes);
  const members = names.map((code) => `    ${JSON.stringify(code)},\n`).join("");
  const entries = (field: "status" | "remedy") =>
    names.map((code) => `    ${JSON.stringify(code)}: ${JSON.stringify(codes[code]![field])},\n`).join("");
  return `${HEADER}"""The error codes of shared/error_codes.ts."""\n\nfrom typing import Final, Literal\n\n` +
    `ErrorCode = Literal[\n${members}]\n\nSTATUS: Final[dict[ErrorCode, str]] = {\n${entries("status")}}\n` +
    `${docstring("Name of the gRPC status of each code.")}\n\n` +
    `REMEDY: Final[dict[ErrorCode, str]] = {\n${entries("remedy")}}\n` +
    `${docstring("What a user can do about each, as docs/errors.md has it.")}\n`;
}

/** One constant for each entry, without comments. */
export function plainModule(docs: string, constants: Readonly<Record<string, Constant>>): string {
  const lines = Object.entries(constants).map(([name, value]) =>
    `${name}: Final = ${literal(value, name)}\n`
  );
  return `${HEADER}${docstring(docs)}\n\nfrom typing import Final\n\n${lines.join("")}`;
}

function literal(value: unknown, name: string): string {
  if (Number.isSafeInteger(value)) return String(value).replaceAll(/\B(?=(\d{3})+$)/g, "_");
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof RegExp) return pattern(value, name);
  throw new Error(`Cannot write ${name}: it is no whole number, text or pattern`);
}

/** JavaScript and Python read the constructs that are allowed here alike, in ASCII. */
function pattern({ source, flags }: RegExp, name: string): string {
  const [, inside] = /^\^(.*)\$$/.exec(source) ?? [];
  if (inside === undefined || flags !== "") {
    throw new Error(`Cannot write ${name}: it is not ^…$ without flags`);
  }
  if (!/^[\x20-\x7e]+$/.test(inside) || /["\\]|\(\?/.test(inside)) {
    throw new Error(`Cannot write ${name}: only ASCII without quotes, backslashes and (?…)`);
  }
  return `re.compile(r"${inside}")`;
}

/** A comment's text without its asterisks, as one paragraph. */
function plainText(comment: string): string {
  return comment.split("\n").map((line) => line.replace(/^\s*\*? ?/, "").trim()).join(" ").trim();
}

function docstring(text: string): string {
  return `"""${text.replaceAll("\\", "\\\\").replaceAll('"""', "'''")}"""`;
}
