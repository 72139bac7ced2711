/** TypeScript's types lack JSON.rawJSON and the third argument of revivers. */
const json = JSON as unknown as {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
};

/**
 * Parses JSON so that JSON.stringify writes its numbers as they were: with all digits of large integers, and 1.0 not as 1.
 *
 * @throws {SyntaxError} and {RangeError} where it is nested too deep
 */
export function parseExactly(text: string): unknown {
  return json.parse(text, (_, value, { source }) => {
    return typeof value === "number" && source !== undefined ? json.rawJSON(source) : value;
  });
}

/** A value that JSON.stringify writes as this number. @throws {SyntaxError} */
export function exactNumber(text: string): unknown {
  return json.rawJSON(text);
}
