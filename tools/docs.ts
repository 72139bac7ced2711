/**
 * Writes the documents that are printed from the code: docs/cli.md, docs/errors.md.
 * `deno task docs` writes; `deno task docs --check` fails when what is committed is not what would be written.
 */
import { cliPage } from "./docs/cli_page.ts";
import { errorsPage } from "./docs/errors_page.ts";

let stale = 0;
for (const [name, text] of [["cli.md", cliPage()], ["errors.md", errorsPage()]] as const) {
  const path = new URL(`../docs/${name}`, import.meta.url);
  const want = text.trimEnd() + "\n";
  if (!Deno.args.includes("--check")) await Deno.writeTextFile(path, want);
  else if (await Deno.readTextFile(path).catch(() => "") !== want) {
    stale++;
    console.error(`docs/${name} is not current: run \`make docs\``);
  }
}
if (stale > 0) Deno.exit(1);
