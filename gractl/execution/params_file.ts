import { exactNumber, parseExactly } from "../documents/exact_json.ts";
import { GradError } from "../../shared/errors.ts";
import { checkParamName, MAX_PARAMS_FILE_BYTES, type Params } from "./params.ts";

/**
 * Parses a parameters file: one JSON or YAML object. JSON is valid YAML too, but is parsed as JSON: that is faster to load, and numbers
 * keep all digits.
 *
 * @throws {GradError} `invalid_file`, `invalid_argument` for a name
 */
export async function parseParamsFile(file: string, bytes: Uint8Array): Promise<Params> {
  if (bytes.length > MAX_PARAMS_FILE_BYTES) {
    throw new GradError(
      "invalid_file",
      `Cannot read ${file}: it is longer than ${MAX_PARAMS_FILE_BYTES} bytes`,
      {
        hint: "Put large data in a file with `gractl file put`.",
      },
    );
  }
  const text = new TextDecoder().decode(bytes);
  const value = parseJson(text) ?? await parseYaml(file, text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new GradError("invalid_file", `Cannot read ${file}: it is not an object of names and values`, {
      hint: 'Write one object, such as {"year": 2013} in JSON or `year: 2013` in YAML.',
    });
  }
  const params = new Map<string, string>();
  for (const [name, member] of Object.entries(value)) {
    params.set(checkParamName(name), JSON.stringify(member, keepDigits));
  }
  return params;
}

function parseJson(text: string): unknown {
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
}

/** The number with a fraction or an exponent, by which Python knows a float. */
function floatOf(value: number): unknown {
  const text = String(value);
  return exactNumber(/[.e]/.test(text) ? text : `${text}.0`);
}

/** Writes a bigint, as which the YAML parser reads integers, with all its digits. */
function keepDigits(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? exactNumber(String(value)) : value;
}

async function parseYaml(file: string, text: string): Promise<unknown> {
  const { LineCounter, parseDocument, visit } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, intAsBigInt: true, prettyErrors: false });
  const faults = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return `${file}:${line}:${col}: ${error.message}`;
  });
  // Integers are bigints: what is a number was written as a float, and is to stay one.
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== "number") return;
      if (Number.isFinite(node.value)) {
        node.value = floatOf(node.value);
        return;
      }
      const { line, col } = lines.linePos(node.range?.[0] ?? 0);
      faults.push(`${file}:${line}:${col}: ${node.source} is no value of JSON`);
    },
  });
  if (faults.length > 0) {
    throw new GradError("invalid_file", `Cannot read the parameters:\n${faults.join("\n")}`, {
      hint: "Write one JSON or YAML object.",
    });
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new GradError(
      "invalid_file",
      `Cannot read ${file}: it has too many aliases, or one without an anchor`,
      {
        hint: "Write the values themselves in place of `*name`.",
        cause,
      },
    );
  }
}
