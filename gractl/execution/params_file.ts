import { GradError } from "../../shared/errors.ts";
import { checkParamName, type Params } from "./params.ts";

/**
 * Parameters of a file: one JSON or YAML object. (JSON is YAML, but where it is JSON, no YAML parser is loaded and numbers keep all
 * their digits.)
 *
 * @throws {GradError} `invalid_file`, `invalid_argument` for a name
 */
export async function parseParamsFile(file: string, text: string): Promise<Params> {
  const value = parseJson(text) ?? await parseYaml(file, text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new GradError("invalid_file", `Cannot read ${file}: it is not an object of names and values`, {
      hint: 'Write one object: {"year": 2013}, or in YAML `year: 2013`.',
    });
  }
  const params = new Map<string, string>();
  for (const [name, member] of Object.entries(value)) {
    params.set(checkParamName(name), JSON.stringify(member, keepDigits));
  }
  return params;
}

/** JSON.rawJSON and the reviver's context are newer than the library's types. */
const json = JSON as unknown as {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
};

function parseJson(text: string): unknown {
  try {
    return json.parse(text, (_, value, { source }) => {
      return typeof value === "number" && source !== undefined ? json.rawJSON(source) : value;
    });
  } catch {
    return undefined;
  }
}

/** YAML's whole numbers are read as bigint. */
function keepDigits(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? json.rawJSON(String(value)) : value;
}

async function parseYaml(file: string, text: string): Promise<unknown> {
  const { LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, intAsBigInt: true, prettyErrors: false });
  const faults = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return `${file}:${line}:${col}: ${error.message}`;
  });
  if (faults.length > 0) {
    throw new GradError("invalid_file", `Cannot read the parameters:\n${faults.join("\n")}`, {
      hint: "A file of parameters is one JSON or YAML object.",
    });
  }
  return document.toJS({ maxAliasCount: 100 });
}
