import { run } from "../../cli.ts";
import { type Circumstances, type FakeDeps, fakeDeps } from "../../testing/fake_deps.ts";
import type { Format } from "../../ui/output.ts";
import { assertDocument } from "../../testing/assert_document.ts";
import { outputOptions } from "../global_options.ts";

/** What a command line printed, and the exit code that gractl would end with. */
export type Ran = Readonly<{
  exit: number;
  stdout: string;
  stderr: string;
  /** Standard output as one JSON document. */
  json(): Record<string, unknown> & { error?: { code: string; message: string; hint: string } };
}>;

/**
 * Runs a command line (`["runner", "list"]`) through the whole command tree, as `main.ts` does, in this process and on the real
 * file system. `format` adds `-o json` or `-o ndjson`.
 */
export async function runCommand(
  args: readonly string[],
  { format, ...circumstances }: Circumstances & { format?: Format } = {},
): Promise<Ran> {
  return await runWith(fakeDeps(circumstances), format === undefined ? args : [...args, "-o", format]);
}

/** The same with dependencies that the test has made. */
export async function runWith(deps: FakeDeps, args: readonly string[]): Promise<Ran> {
  const failed = await run(args, deps, (given) => {
    deps.given = given;
    deps.out.configure(outputOptions(given));
  });
  const { stdout, stderr } = deps.text;
  for (const document of documentsOf(stdout, deps.out.format)) assertDocument(document);
  return { exit: failed || deps.exit, stdout, stderr, json: () => JSON.parse(stdout) };
}

/** What was printed under json or ndjson, parsed. Help is text in every format. */
function documentsOf(stdout: string, format: Format): readonly unknown[] {
  if (format === "text" || !stdout.startsWith("{")) return [];
  return format === "json"
    ? [JSON.parse(stdout)]
    : stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}
