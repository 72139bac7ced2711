import { GradError } from "./errors.ts";
import { NAME } from "./limits.ts";

export { NAME };

/** The nearest allowed name, for hints: "My Data!" becomes "my-data"; always itself allowed. */
export function suggestName(text: string, fallback: string): string {
  const slug = text.normalize("NFKD").toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replace(/^[^a-z]+/, "")
    .slice(0, 40).replace(/-+$/, "");
  return slug === "" ? fallback : slug;
}

/** @throws {GradError} `invalid_name` with a suggestion */
export function checkName(kind: "runner" | "session" | "dataset" | "context", name: string): string {
  if (NAME.test(name)) return name;
  throw new GradError(
    "invalid_name",
    `Cannot use ${
      JSON.stringify(name.slice(0, 80))
    } as the name of a ${kind}: names begin with a letter and have up to 40 of a-z, 0-9 and "-", not "-" at the end`,
    { hint: `Use "${suggestName(name, kind)}".` },
  );
}
