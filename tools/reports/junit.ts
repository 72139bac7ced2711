export type Counts = { passed: number; failed: number; skipped: number };

/** A failed test: its file or class, its name, and the first lines of what it failed with. */
export type Failure = Readonly<{ where: string; name: string; message: string }>;

const MESSAGE_LINES = 12;

/** Counts the test cases of a JUnit report, as `deno test` and pytest write them. */
export function countTests(xml: string): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { body } of testCases(xml)) {
    if (FAILED.test(body)) counts.failed++;
    else if (/<skipped\b/.test(body)) counts.skipped++;
    else counts.passed++;
  }
  return counts;
}

/** The failed tests of a JUnit report, in its order. */
export function failures(xml: string): readonly Failure[] {
  return testCases(xml).filter(({ body }) => FAILED.test(body)).map(({ attributes, body }) => {
    const [, message = "", text = ""] = /<(?:failure|error)\b([^>]*)>([\s\S]*?)<\//.exec(body) ?? [];
    const told = unescape(text.trim() === "" ? /message="([^"]*)"/.exec(message)?.[1] ?? "" : text).trim();
    const lines = told.split("\n");
    // deno begins with the reason, pytest ends with it.
    const part = attributes.includes("line=") ? lines.slice(0, MESSAGE_LINES) : lines.slice(-MESSAGE_LINES);
    return {
      where: attribute(attributes, "classname"),
      name: attribute(attributes, "name"),
      message: part.join("\n"),
    };
  });
}

const FAILED = /<(failure|error)\b/;

function testCases(xml: string): readonly Readonly<{ attributes: string; body: string }>[] {
  return [...xml.matchAll(/<testcase\b((?:"[^"]*"|[^>"])*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)]
    .map(([, attributes = "", body = ""]) => ({ attributes, body }));
}

function attribute(attributes: string, name: string): string {
  return unescape(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  amp: "&",
};

function unescape(text: string): string {
  return text.replaceAll(/&(#x?[0-9a-fA-F]+|lt|gt|quot|apos|amp);/g, (whole, entity: string) => {
    if (!entity.startsWith("#")) return ENTITIES[entity] ?? whole;
    const hex = entity.startsWith("#x");
    return String.fromCodePoint(parseInt(entity.slice(hex ? 2 : 1), hex ? 16 : 10));
  });
}
